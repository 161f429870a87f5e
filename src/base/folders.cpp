// SPDX-License-Identifier: Apache-2.0
#include "graft/base/folders.hpp"

#include <cstdlib>
#include <system_error>

namespace graft {

std::filesystem::path cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0')
    return std::filesystem::path(cache) / "graft";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    return std::filesystem::path(home) / ".cache" / "graft";
  std::error_code ignored;
  return std::filesystem::temp_directory_path(ignored) / "graft";
}

std::filesystem::path made_files_folder() {
  const char* named = std::getenv("GRAFT_CACHE");
  return named != nullptr && *named != '\0' ? std::filesystem::path(named) : cache_folder();
}

}  // namespace graft
