// SPDX-License-Identifier: Apache-2.0
#include "formats/output_file.hpp"

#include <cerrno>
#include <cstring>

#include "graft/base/fail.hpp"

namespace graft::formats {

OutputFile::OutputFile(const std::filesystem::path& path)
    : path_(path), file_(path), out_(file_.temporary_path(), std::ios::binary) {
  check();
}

void OutputFile::check() const {
  if (!out_) fail(ErrorKind::io, "cannot write ", path_.string(), ": ", std::strerror(errno));
}

void OutputFile::write(std::string_view bytes) {
  out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  check();
}

void OutputFile::write(const Tensor& tensor) {
  if (!tensor.empty()) write({static_cast<const char*>(tensor.raw()), tensor.size_bytes()});
}

void OutputFile::commit() {
  out_.close();
  check();
  file_.commit();
}

}  // namespace graft::formats
