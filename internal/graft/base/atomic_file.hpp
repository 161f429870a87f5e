// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <utility>

namespace graft {

/// What AtomicFile and AtomicDirectory share: an entry of the file system that appears under its name
/// complete or not at all. Write to temporary_path(), then call commit(): the bytes are flushed to the disk
/// and the entry is renamed into place. Without commit() the destructor removes the temporary entry. Errors:
/// Error{io} naming the path and the system's reason.
class AtomicEntry {
 public:
  AtomicEntry(const AtomicEntry&) = delete;
  AtomicEntry& operator=(const AtomicEntry&) = delete;

  /// A name in the same folder that no other process uses.
  [[nodiscard]] const std::filesystem::path& temporary_path() const { return temporary_; }
  void commit();

 protected:
  explicit AtomicEntry(std::filesystem::path path);
  ~AtomicEntry();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  bool committed_ = false;
};

/// A file; the caller creates it at temporary_path(). commit() replaces an existing file.
class AtomicFile : public AtomicEntry {
 public:
  explicit AtomicFile(std::filesystem::path path) : AtomicEntry(std::move(path)) {}
};

/// A folder with everything in it; temporary_path() exists from the start. commit() throws where the name is
/// taken by a file or a folder that is not empty.
class AtomicDirectory : public AtomicEntry {
 public:
  explicit AtomicDirectory(const std::filesystem::path& path);
};

/// True for the file name that an AtomicEntry has before commit(). A process that was killed leaves such
/// entries.
[[nodiscard]] bool is_temporary_name(std::string_view name);

/// Writes bytes, or several pieces one after the other, through an AtomicFile.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);
void write_file_atomically(const std::filesystem::path& path, std::span<const std::string_view> pieces);

}  // namespace graft
