// SPDX-License-Identifier: Apache-2.0
// A web server for tests (server.py), and an environment in which graft's store is empty.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"

namespace graft::test {

/// Names and values; no value: the variable is removed.
using Variables = std::vector<std::pair<std::string, std::optional<std::string>>>;

/// Sets variables of the environment while it lives.
class Environment {
 public:
  explicit Environment(const Variables& values);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  Variables before_;
};

/// A home without weights: all of graft's, Keras's, torch's and Hugging Face's folders are in it.
class EmptyHome {
 public:
  EmptyHome();
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path store() const { return path() / "store"; }
  /// Makes the file a catalogue of the user's own.
  void add_catalogue(const std::string& name, const std::string& text) const;

 private:
  TemporaryFolder folder_;
  Environment environment_;
};

/// server.py, running.
class Server {
 public:
  Server();
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] bool runs() const { return port_ > 0; }
  [[nodiscard]] std::string address(const std::string& behaviour) const;
  [[nodiscard]] std::filesystem::path content() const { return folder_.path() / "content.safetensors"; }
  [[nodiscard]] std::filesystem::path other() const { return folder_.path() / "other.safetensors"; }
  /// "GET /plain/x.safetensors -" per request.
  [[nodiscard]] std::vector<std::string> requests() const;

 private:
  TemporaryFolder folder_;
  int port_ = 0, input_ = -1;
  int process_ = -1;
};

}  // namespace graft::test
