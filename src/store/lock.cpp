// SPDX-License-Identifier: Apache-2.0
#include "store/lock.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graft/base/fail.hpp"

#include "store/layout.hpp"

namespace graft::store {
namespace {

/// Whether the open file still is the one of that name: gc removes lock files.
bool is_current(int descriptor, const std::filesystem::path& path) {
  struct stat open {};
  struct stat named {};
  return ::fstat(descriptor, &open) == 0 && ::stat(path.c_str(), &named) == 0 &&
         open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path, const std::function<bool()>& waiting) {
  make_folder(path.parent_path());
  for (;;) {
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kNewFileMode);
    if (descriptor_ < 0) fail(ErrorKind::io, "cannot open ", path.string(), ": ", std::strerror(errno));
    while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const int reason = errno;
      if (reason != EWOULDBLOCK && reason != EINTR) {
        ::close(descriptor_);
        fail(ErrorKind::io, "cannot lock ", path.string(), ": ", std::strerror(reason));
      }
      if (waiting && !waiting()) {
        ::close(descriptor_);
        fail(ErrorKind::interrupted, "interrupted while another process works on ", path.string());
      }
      constexpr std::chrono::milliseconds kPause{100};
      std::this_thread::sleep_for(kPause);
    }
    if (is_current(descriptor_, path)) return;
    ::close(descriptor_);
  }
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool FileLock::is_held(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0;
  ::close(descriptor);
  return held;
}

}  // namespace graft::store
