// SPDX-License-Identifier: Apache-2.0
#include "formats/input_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graft/base/fail.hpp"

#include "formats/foreign_format.hpp"

namespace graft::formats {

void ByteSource::read(std::uint64_t offset, std::span<char> out) const {
  if (offset > size() || out.size() > size() - offset) {
    fail(ErrorKind::bad_file, name_, " is truncated: it needs ", out.size(), " bytes at ", offset,
         ", and it has ", size(), " bytes in all. Fetch it again");
  }
  if (!out.empty()) read_inside(offset, out);
}

std::string ByteSource::head(std::size_t count) const {
  std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(count, size())), '\0');
  read(0, bytes);
  return bytes;
}

InputFile::InputFile(const std::filesystem::path& path) : ByteSource(path.string()) {
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) {
    const ErrorKind kind = errno == ENOENT || errno == ENOTDIR ? ErrorKind::not_found : ErrorKind::io;
    fail(kind, "cannot open ", name(), ": ", std::strerror(errno));
  }
  struct stat status = {};
  const bool regular = ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
  if (!regular) {
    ::close(descriptor_);
    fail(ErrorKind::bad_file, name(), S_ISDIR(status.st_mode) ? " is a folder" : " is not a regular file",
         ", expected a file");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::read_inside(std::uint64_t offset, std::span<char> out) const {
  while (!out.empty()) {
    const ssize_t got = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(ErrorKind::io, "cannot read ", name(), ": ", std::strerror(errno));
    if (got == 0) fail(ErrorKind::io, "cannot read ", name(), ": it became shorter meanwhile");
    offset += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

void InputMemory::read_inside(std::uint64_t offset, std::span<char> out) const {
  std::memcpy(out.data(), bytes_.data() + offset, out.size());
}

bool UnpackBudget::take(std::uint64_t bytes) {
  if (bytes > left_) return false;
  left_ -= bytes;
  return true;
}

namespace {

/// What a file is by its first bytes, as the end of "NAME is not an HDF5 file: it is ...".
std::string_view describe(const std::string& head) {
  const auto starts = [&head](std::string_view text) { return head.starts_with(text); };
  if (head.empty()) return "it is empty";
  if (starts("version https://git-lfs")) {
    return "it is a git-lfs pointer, a text that stands for the file; fetch the file itself with 'git lfs "
           "pull'";
  }
  const std::size_t text = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (text != std::string::npos && head[text] == '<') {
    return "it is a web page or XML, probably an error page saved under this name; download the file again";
  }
  if (starts("\x89HDF\r\n\x1A\n")) return "it is an HDF5 file (.h5)";
  if (starts("PK\x03\x04") || starts("PK\x05\x06")) return "it is a zip archive (.keras, .pth, .npz)";
  if (starts("\x93NUMPY")) return "it is a numpy array (.npy)";
  if (starts("\x1F\x8B")) return "it is compressed with gzip; unpack it first";
  if (starts("\xFD"
             "7zXZ"))
    return "it is compressed with xz; unpack it first";
  if (starts("BZh")) return "it is compressed with bzip2; unpack it first";
  if (head.size() >= 262 && head.compare(257, 5, "ustar") == 0) return "it is a tar archive; unpack it first";
  if (starts("\xFF\xD8\xFF") || starts("\x89PNG")) return "it is a picture";
  if (starts("\x80\x02")) return "it is a Python pickle (.pth)";
  if (text != std::string::npos && (head[text] == '{' || head[text] == '[')) return "it looks like JSON";
  if (head.size() > 8 && head[8] == '{') return "it looks like a safetensors file";
  if (head.find_first_not_of('\0') == std::string::npos) return "it holds zeros, as a broken download does";
  return "its first bytes are those of no format that graft knows; it may be broken";
}

}  // namespace

void fail_wrong_format(const ByteSource& source, std::string_view wanted) {
  if (const auto foreign = foreign_format(source.head(512), source.name())) {
    fail(ErrorKind::unsupported, source.name(), " is ", foreign->what, ", which graft does not read; ",
         foreign->instead);
  }
  fail(ErrorKind::bad_file, source.name(), " is not ", wanted, ": ", describe(source.head(512)));
}

}  // namespace graft::formats
