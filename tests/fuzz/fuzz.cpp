// SPDX-License-Identifier: Apache-2.0
#include "fuzz.hpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include "graft/base/fail.hpp"

namespace graft::fuzz {

std::filesystem::path as_file(const std::uint8_t* data, std::size_t size) {
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / cat("graft-fuzz-", ::getpid(), ".bin");
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  // An empty input may come without a pointer, which fwrite does not take.
  const bool written = file != nullptr && (size == 0 || std::fwrite(data, 1, size, file) == size);
  if (!written || std::fclose(file) != 0) {
    std::perror(path.c_str());
    std::abort();
  }
  return path;
}

}  // namespace graft::fuzz
