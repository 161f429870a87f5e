// SPDX-License-Identifier: Apache-2.0
#include "graft/base/file_stamp.hpp"

#include <sys/stat.h>

#include "graft/base/fail.hpp"

namespace graft {

std::string file_stamp(const std::filesystem::path& file) {
  struct stat found {};
  if (stat(file.c_str(), &found) != 0) return {};
  return cat(static_cast<long long>(found.st_ino), ' ', static_cast<long long>(found.st_size), ' ',
             static_cast<long long>(found.st_mtim.tv_sec), ' ',
             static_cast<long long>(found.st_mtim.tv_nsec));
}

}  // namespace graft
