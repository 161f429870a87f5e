// SPDX-License-Identifier: Apache-2.0
#include "graft/base/folders.hpp"

#include <cstdlib>
#include <system_error>

#include "graft/base/text.hpp"

namespace graft {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool environment_says_yes(const char* name) {
  const std::string value = environment(name);
  return !value.empty() && value != "0";
}

std::vector<std::filesystem::path> paths_from_environment(const char* name) {
  std::vector<std::filesystem::path> paths;
  for (std::string& part : split(environment(name), ':')) {
    if (!part.empty()) paths.emplace_back(std::move(part));
  }
  return paths;
}

std::filesystem::path caches_folder() {
  if (std::string cache = environment("XDG_CACHE_HOME"); !cache.empty()) return cache;
  const std::string home = environment("HOME");
  return home.empty() ? std::filesystem::path() : std::filesystem::path(home) / ".cache";
}

std::filesystem::path cache_folder() {
  if (const std::filesystem::path caches = caches_folder(); !caches.empty()) return caches / "graft";
  std::error_code ignored;
  return std::filesystem::temp_directory_path(ignored) / "graft";
}

std::filesystem::path data_folder() {
  if (const std::string data = environment("XDG_DATA_HOME"); !data.empty())
    return std::filesystem::path(data) / "graft";
  if (const std::string home = environment("HOME"); !home.empty())
    return std::filesystem::path(home) / ".local" / "share" / "graft";
  return cache_folder();
}

std::filesystem::path made_files_folder() {
  const std::string named = environment("GRAFT_CACHE");
  return named.empty() ? cache_folder() : std::filesystem::path(named);
}

}  // namespace graft
