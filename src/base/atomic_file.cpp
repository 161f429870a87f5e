// SPDX-License-Identifier: Apache-2.0
#include "graft/base/atomic_file.hpp"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "graft/base/fail.hpp"

namespace graft {
namespace {

std::filesystem::path temporary_name(const std::filesystem::path& path) {
  static std::atomic<unsigned> counter{0};
  std::filesystem::path name = path.filename();
  if (name.empty())
    fail(ErrorKind::invalid_argument, "cannot write to '", path.string(), "': it has no file name");
  return path.parent_path() / cat(".", name.string(), ".", ::getpid(), ".", counter++, ".tmp");
}

/// Opens, flushes to the disk and closes; folders too, so that a rename in them survives a power cut.
void flush_to_disk(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(ErrorKind::io, "cannot open ", path.string(), ": ", std::strerror(errno));
  const int result = ::fsync(descriptor);
  const int reason = errno;
  ::close(descriptor);
  if (result != 0 && reason != EINVAL) {
    fail(ErrorKind::io, "cannot write ", path.string(), " to the disk: ", std::strerror(reason));
  }
}

void rename_into_place(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) {
    fail(ErrorKind::io, "cannot put ", to.string(), " in place: ", std::strerror(errno));
  }
  flush_to_disk(to.has_parent_path() ? to.parent_path() : std::filesystem::path("."));
}

/// Removes the last part of a name, a point and digits. False: it has none.
bool drop_number(std::string_view& name) {
  const std::size_t point = name.find_last_not_of("0123456789");
  if (point == std::string_view::npos || name[point] != '.' || point + 1 == name.size()) return false;
  name = name.substr(0, point);
  return true;
}

}  // namespace

bool is_temporary_name(std::string_view name) {
  constexpr std::string_view kEnd = ".tmp";
  if (!name.starts_with('.') || !name.ends_with(kEnd)) return false;
  name.remove_suffix(kEnd.size());
  for (int number = 0; number < 2; ++number) {
    if (!drop_number(name)) return false;
  }
  return name.size() > 1;
}

AtomicEntry::AtomicEntry(std::filesystem::path path)
    : path_(std::move(path)), temporary_(temporary_name(path_)) {}

AtomicEntry::~AtomicEntry() {
  std::error_code ignored;
  if (!committed_) std::filesystem::remove_all(temporary_, ignored);
}

void AtomicEntry::commit() {
  std::error_code ignored;
  if (std::filesystem::is_directory(temporary_, ignored)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(temporary_)) {
      if (entry.is_regular_file()) flush_to_disk(entry.path());
    }
  } else {
    flush_to_disk(temporary_);
  }
  rename_into_place(temporary_, path_);
  committed_ = true;
}

AtomicDirectory::AtomicDirectory(const std::filesystem::path& path)
    : AtomicEntry(path.has_filename() ? path : path.parent_path()) {
  std::error_code error;
  std::filesystem::create_directories(temporary_path(), error);
  if (error) fail(ErrorKind::io, "cannot make the folder ", path.string(), ": ", error.message());
}

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  write_file_atomically(path, std::span(&bytes, 1));
}

void write_file_atomically(const std::filesystem::path& path, std::span<const std::string_view> pieces) {
  AtomicFile file(path);
  std::ofstream out(file.temporary_path(), std::ios::binary);
  for (const std::string_view piece : pieces)
    out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
  out.close();
  if (!out) fail(ErrorKind::io, "cannot write ", path.string(), ": ", std::strerror(errno));
  file.commit();
}

}  // namespace graft
