// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "store/layout.hpp"

namespace graft {
inline namespace store {

/// An unfinished download: KEY.part, and KEY.json with the address, ETag and length that it belongs to. KEY
/// is a hash of the address. What does not belong together counts as nothing. One user at a time: see
/// lock_file(). Errors: Error{io}.
class PartialFile {
 public:
  PartialFile(const Layout& layout, std::string url);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  [[nodiscard]] static std::filesystem::path lock_file(const Layout& layout, const std::string& url);

  /// Bytes that are there.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// What the server called this version of the file: an ETag, else the date of its last change; or empty.
  [[nodiscard]] const std::string& validator() const { return validator_; }
  [[nodiscard]] std::optional<std::uint64_t> length() const { return length_; }
  [[nodiscard]] const std::filesystem::path& path() const { return part_; }

  /// Throws away what is there and begins a file of this version.
  void begin(const std::string& validator, std::optional<std::uint64_t> length);
  void append(std::span<const char> bytes);
  /// Closes the file, so that it can be moved.
  void close();
  /// Removes both files.
  void discard();
  /// Removes KEY.json, after the other was moved away.
  void forget();

 private:
  void read_state();
  void open();

  std::string url_;
  std::filesystem::path part_, state_;
  std::string validator_;
  std::optional<std::uint64_t> length_;
  std::uint64_t size_ = 0;
  int descriptor_ = -1;
};

}  // namespace store
}  // namespace graft
