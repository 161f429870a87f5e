// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace graft {

/// A temporary file for data that is too large for memory and can be computed again. The file has no name
/// once open, so that it is removed after a crash, too. Threads: read and write may be called from several
/// threads at once, on ranges that do not overlap.
class ScratchFile {
 public:
  /// Creates the folder when it is missing. Throws Error{io} naming it.
  explicit ScratchFile(const std::filesystem::path& folder);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  /// Throws Error{io}, when the disk is full for example; the range then has no defined content.
  void write(std::uint64_t offset, std::span<const std::byte> bytes);
  /// Throws Error{io}: the range was not written.
  void read(std::uint64_t offset, std::span<std::byte> bytes) const;
  /// The file's first `bytes` bytes as memory, zero where nothing was written; valid until the last handle is
  /// destroyed, also after this object. Disk space is allocated at once, so that using the memory cannot
  /// fail. Throws Error{io} when the disk is full.
  [[nodiscard]] std::shared_ptr<void> map(std::size_t bytes);

 private:
  int descriptor_ = -1;
};

}  // namespace graft
