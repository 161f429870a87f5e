// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "graft/weights_catalogue.hpp"

namespace graft {
inline namespace store {

/// Both hashes that publishers state, of bytes added in order.
class Digest {
 public:
  Digest();
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void add(std::span<const char> bytes);

  struct Result {
    std::string sha256, md5;  ///< lower-case hexadecimal digits
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] Result result();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Called with the bytes read so far; false stops.
using DigestProgress = std::function<bool(std::uint64_t done)>;
/// Of a file. Error{not_found}, Error{io}, Error{interrupted}.
[[nodiscard]] Digest::Result digest_of(const std::filesystem::path& path,
                                       const DigestProgress& progress = {});

/// Empty where the content is what was published, or nothing is stated; else "its SHA-256 is ..., published
/// is ...".
[[nodiscard]] std::string difference(const PublishedFile& file, const Digest::Result& content);
[[nodiscard]] bool has_hash(const PublishedFile& file);

}  // namespace store
}  // namespace graft
