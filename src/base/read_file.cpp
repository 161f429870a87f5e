// SPDX-License-Identifier: Apache-2.0
#include "graft/base/read_file.hpp"

#include <fstream>
#include <iterator>
#include <system_error>

#include "graft/base/fail.hpp"

namespace graft {

std::string read_file(const std::filesystem::path& file, std::uintmax_t most) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::exists(file, error)) fail(ErrorKind::not_found, "there is no file '", file.string(), "'");
  if (fs::is_directory(file, error)) fail(ErrorKind::io, "cannot read ", file.string(), ": it is a folder");
  const std::uintmax_t size = fs::file_size(file, error);
  if (error) fail(ErrorKind::io, "cannot read ", file.string(), ": ", error.message());
  if (size > most)
    fail(ErrorKind::bad_file, file.string(), " is too large: expected at most ", most, " bytes, it has ",
         size);
  std::ifstream in(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad()) fail(ErrorKind::io, "cannot read ", file.string());
  return bytes;
}

}  // namespace graft
