// SPDX-License-Identifier: Apache-2.0
// Blocks of bytes by key, kept on the disk from one run to the next: what can be made again.
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

struct DiskCacheOptions {
  bool use = true;               ///< false: nothing is ever found nor kept
  std::filesystem::path folder;  ///< empty: made_files_folder()
  std::uint64_t limit = 0;       ///< bytes of the whole folder; 0: disk_cache_limit()
};

/// $GRAFT_CACHE_MIB mebibytes, else 4 GiB.
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
  CacheSection(CacheSection&&) noexcept;
  CacheSection& operator=(CacheSection&&) noexcept;

  [[nodiscard]] bool has(const Hash128& key) const;
  /// Copies the block into out; false when it does not exist, has another size or is broken (then it counts
  /// as not existing from now on).
  bool read(const Hash128& key, std::span<std::byte> out);
  /// Keeps a block; found by read() after the next flush(). An existing key is unchanged.
  void put(const Hash128& key, std::span<const std::byte> bytes);
  void flush();
  /// False when this section cannot keep anything.
  [[nodiscard]] bool writable();

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// One section as stored on the disk.
struct CachedSection {
  std::string label;
  std::uint64_t blocks = 0, bytes = 0;
  std::int64_t used = 0;  ///< last use, in seconds since 1970
};
/// Sorted by label. Incomplete files are not counted.
[[nodiscard]] std::vector<CachedSection> list_cache(const DiskCacheOptions& options);
/// Removes all sections and temporary files of killed processes; returns the number of bytes freed.
std::uint64_t clear_cache(const DiskCacheOptions& options);

}  // namespace graft

#pragma GCC visibility pop
