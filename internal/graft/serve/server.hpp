// SPDX-License-Identifier: Apache-2.0
// An HTTP server that classifies photos with trained models: graft serve.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "graft/execution.hpp"

namespace graft::serve {

/// What the server accepts at most. Beyond it a request is answered with 413, 429 or 503; nothing grows
/// without bound.
struct Limits {
  std::size_t body_bytes = std::size_t{32} << 20;   ///< of a request's body
  std::size_t all_bodies = std::size_t{256} << 20;  ///< bytes of all requests that are being read or answered
  std::int64_t pixels = 50'000'000;                 ///< height times width of a photo
  std::size_t photos = 64;                          ///< in one request
  std::size_t queue = 256;                          ///< photos that wait for a model
  /// How long a photo waits until there is one for each thread. Photos that are there are computed side by
  /// side, a thread each; one alone is computed by all threads.
  std::chrono::milliseconds delay{0};
  std::size_t connections = 1000;            ///< open at once
  std::size_t connections_per_address = 64;  ///< of one computer other than this one
  std::chrono::seconds request{30};  ///< from a request's first line to its last byte, and for the answer
  std::chrono::seconds idle{60};     ///< of a connection between requests, and for a request's head
};

/// A model and the name that requests call it by.
struct ServedModel {
  std::string name;
  std::filesystem::path file;  ///< the model file; when it changes, the new one is loaded and replaces it
};

/// What is served, where, and to whom.
struct ServeOptions {
  std::vector<ServedModel> models;  ///< at least one; requests without a name get the first
  std::string host = "127.0.0.1";   ///< the address to listen at, IPv4 or IPv6
  std::uint16_t port = 8080;        ///< 0: any free one
  /// Every request but /healthz and /readyz needs it, as "Authorization: Bearer TOKEN"; empty: none does.
  std::string token{};
  /// Names by which clients may address the server (the Host header) beside its address and, on the loopback
  /// address, localhost.
  std::vector<std::string> names{};
  /// Folder in which photos are kept whose answers a person corrects: in folders of classes, or with a list
  /// labels.csv of labels or numbers. Empty: they are refused.
  std::filesystem::path collect{};
  Execution execution{};  ///< threads and precision of the models
  Limits limits{};
  /// Called with one line for what a person should know: a model that was replaced, or could not be. From any
  /// thread.
  std::function<void(const std::string& line)> log{};
};

/// A running server. Threads: stop() may be called from any.
class Server {
 public:
  /// Loads the models and listens. Errors: as Classifier::open; Error{io} naming the address where it cannot
  /// be listened at; Error{invalid_argument} for two models of one name, limits of 0, or models whose
  /// corrections cannot be kept in one folder.
  explicit Server(ServeOptions options);
  /// As stop().
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// Accepts no further connection, answers what was accepted, and ends.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace graft::serve
