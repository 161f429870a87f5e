// SPDX-License-Identifier: Apache-2.0
// Blocks of bytes that can be computed again, kept by key on the disk from one run to the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graft/hash.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// Where blocks are kept, and how many of them.
struct DiskCacheOptions {
  bool use = true;               ///< false: nothing is found and nothing is kept
  std::filesystem::path folder;  ///< empty: made_files_folder()
  std::uint64_t limit = 0;       ///< most bytes of the whole folder, all sections; 0: disk_cache_limit()
};

/// Most bytes of the folder by default: $GRAFT_CACHE_MIB mebibytes, else 4 GiB.
[[nodiscard]] std::uint64_t disk_cache_limit();

/// Blocks of one kind, under keys of 128 bits, in files of some 64 MiB that hold many of them.
/// Any defect of the folder or a file (not writable, full, truncated, changed, of another version) means that
/// a block is not found: only std::bad_alloc is thrown. A block is returned only if its checksum is correct.
/// When all files of the folder exceed the limit, those used longest ago are removed. Processes: several may
/// read, write and clear one folder at once; a file appears whole under a unique name, and an open one stays
/// readable when it is removed. Threads: one user at a time.
class CacheSection {
 public:
  /// label: one line that describes it, shown by `graft cache`. name: its key among the sections.
  CacheSection(const DiskCacheOptions& options, std::string label, const Hash128& name);
  /// As after flush().
  ~CacheSection();
  /// The moved-from section may only be assigned or destroyed.
  CacheSection(CacheSection&&) noexcept;
  CacheSection& operator=(CacheSection&&) noexcept;
  CacheSection(const CacheSection&) = delete;
  CacheSection& operator=(const CacheSection&) = delete;

  /// Whether the block was found on the disk or flushed. Its bytes are not checked: read() may still fail.
  [[nodiscard]] bool has(const Hash128& key) const;
  /// Copies the block into out; false when it does not exist, has another size or is broken (then it counts
  /// as not existing from now on).
  bool read(const Hash128& key, std::span<std::byte> out);
  /// Keeps a block; found by read() after the next flush(). An existing key is unchanged.
  void put(const Hash128& key, std::span<const std::byte> bytes);
  /// Writes all blocks put since the last flush to a file, then removes files of the folder beyond the limit.
  void flush();
  /// False when this section cannot keep anything.
  [[nodiscard]] bool writable();

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// One section as stored on the disk.
struct CachedSection {
  std::string label;         ///< as given to CacheSection; sections of one label are listed as one
  std::uint64_t blocks = 0;  ///< number of blocks
  std::uint64_t bytes = 0;   ///< bytes of its files
  std::int64_t used = 0;     ///< last use, in seconds since 1970
};
/// The sections of the folder, sorted by label. Incomplete files are not counted.
[[nodiscard]] std::vector<CachedSection> list_cache(const DiskCacheOptions& options);
/// Removes all sections and temporary files of killed processes; returns the number of bytes freed.
std::uint64_t clear_cache(const DiskCacheOptions& options);

}  // namespace graft

#pragma GCC visibility pop
