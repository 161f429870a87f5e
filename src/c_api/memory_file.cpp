// SPDX-License-Identifier: Apache-2.0
#include "c_api/memory_file.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <sys/mman.h>
#include <unistd.h>

#include "graft/base/fail.hpp"

namespace graft::c_api {

MemoryFile::MemoryFile(std::span<const std::byte> bytes) : descriptor_(memfd_create("graft", MFD_CLOEXEC)) {
  int error = descriptor_ < 0 ? errno : 0;
  while (error == 0 && !bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (error == 0) return;
  if (descriptor_ >= 0) close(descriptor_);
  fail(ErrorKind::io, "a file in memory cannot be made: ", std::generic_category().message(error));
}

MemoryFile::~MemoryFile() { close(descriptor_); }

std::filesystem::path MemoryFile::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

}  // namespace graft::c_api
