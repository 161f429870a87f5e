// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "graft/weights_store.hpp"

namespace graft {
inline namespace store {

/// The hashes that publishers state. MD5 is what Keras publishes; elsewhere SHA-256 is enough.
enum class Hashes { sha256, sha256_and_md5 };

/// Hashes of bytes added in order.
class Digest {
 public:
  explicit Digest(Hashes hashes);
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void add(std::span<const char> bytes);

  struct Result {
    std::string sha256, md5;  ///< lower-case hexadecimal digits; md5 empty where it was not wanted
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
[[nodiscard]] Digest::Result digest_of(const std::filesystem::path& path, Hashes hashes,
                                       const DigestProgress& progress = {});
/// The hashes that difference() compares for this file.
[[nodiscard]] Hashes hashes_of(const PublishedFile& file);

/// Empty where the content is what was published, or nothing is stated; else "its SHA-256 is ..., published
/// is ...".
[[nodiscard]] std::string difference(const PublishedFile& file, const Digest::Result& content);
[[nodiscard]] bool has_hash(const PublishedFile& file);

}  // namespace store
}  // namespace graft
