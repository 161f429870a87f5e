// SPDX-License-Identifier: Apache-2.0
// One file of a CacheSection: blocks one after the other, then their index, then a footer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/hash.hpp"

namespace graft::cache_detail {

inline constexpr const char* kPackExtension = ".pack";
inline constexpr const char* kUnfinishedExtension = ".unfinished";

/// Position of a block in its file. Written to the file as it is in memory.
struct IndexEntry {
  Hash128 key;
  std::uint64_t offset = 0, size = 0, checksum = 0;
};

/// A file that is open. Closed by the destructor; removed files stay readable until then.
class OpenFile {
 public:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  ~OpenFile();
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) noexcept;
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  /// All bytes, or false.
  [[nodiscard]] bool read(std::uint64_t offset, std::span<std::byte> bytes) const;
  [[nodiscard]] bool append(std::span<const std::byte> bytes) const;
  /// 0 for anything but a regular file.
  [[nodiscard]] std::uint64_t size() const;
  /// Notes that the file was used now.
  void touch() const;

 private:
  int descriptor_;
};

struct Pack {
  OpenFile file;
  std::string label;
  std::vector<IndexEntry> index;
};

/// A whole pack, of whatever name; nothing where the file is not one.
[[nodiscard]] std::optional<Pack> open_pack(const std::filesystem::path& path);

/// A pack under way: invisible to others until it is finished. All calls but the constructor are false once
/// one failed.
class PackWriter {
 public:
  /// Makes the folder when it is missing.
  PackWriter(const std::filesystem::path& folder, std::string label);
  ~PackWriter();
  PackWriter(const PackWriter&) = delete;
  PackWriter& operator=(const PackWriter&) = delete;

  bool add(const Hash128& key, std::span<const std::byte> bytes);
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] std::uint64_t bytes() const { return offset_; }
  /// Renames the finished pack to its final name.
  bool finish();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  bool write(std::span<const std::byte> bytes);

  std::filesystem::path path_;  ///< the final one
  std::string unfinished_;
  std::optional<OpenFile> file_;
  std::vector<IndexEntry> index_;
  std::vector<std::byte> buffer_;
  std::uint64_t offset_ = 0;
  std::uint64_t label_checksum_ = 0;
  bool good_ = false;
};

}  // namespace graft::cache_detail
