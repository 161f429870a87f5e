// SPDX-License-Identifier: Apache-2.0
#include "base/cache_folder.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <system_error>

#include <sys/stat.h>

#include "graft/base/folders.hpp"

#include "base/cache_pack.hpp"

namespace graft {
namespace cache_detail {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kAbandoned = 3600;  // seconds without a write

struct File {
  fs::path path;
  std::uint64_t bytes = 0;
  std::int64_t seconds = 0, nanoseconds = 0;  ///< of the last use, since 1970
  [[nodiscard]] bool unfinished() const { return path.extension() == kUnfinishedExtension; }
};

/// Files that are ours by their name, and only those: the folder may be one that holds other things.
std::vector<File> files_in(const fs::path& folder) {
  std::vector<File> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.extension() != kPackExtension && path.extension() != kUnfinishedExtension) continue;
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) continue;
    files.push_back({.path = path,
                     .bytes = static_cast<std::uint64_t>(found.st_size),
                     .seconds = found.st_mtim.tv_sec,
                     .nanoseconds = found.st_mtim.tv_nsec});
  }
  return files;
}

std::vector<fs::path> sections_in(const fs::path& root) {
  std::vector<fs::path> sections;
  std::error_code error;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) sections.push_back(entry->path());
  }
  return sections;
}

std::vector<File> all_files(const fs::path& root) {
  std::vector<File> files;
  for (const fs::path& section : sections_in(root)) {
    std::vector<File> some = files_in(section);
    std::ranges::move(some, std::back_inserter(files));
  }
  return files;
}

std::int64_t now() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(since_1970).count();
}

}  // namespace

fs::path blocks_folder(const DiskCacheOptions& options) {
  return (options.folder.empty() ? made_files_folder() : options.folder) / "blocks";
}

std::vector<fs::path> packs_in(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const File& file : files_in(folder)) {
    if (!file.unfinished()) paths.push_back(file.path);
  }
  std::ranges::sort(paths);
  return paths;
}

void remove_file(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

void keep_below(const fs::path& root, std::uint64_t limit) {
  std::vector<File> files = all_files(root);
  std::erase_if(files, [](const File& file) {
    const bool abandoned = file.unfinished() && now() - file.seconds > kAbandoned;
    if (abandoned) remove_file(file.path);
    return abandoned;
  });
  std::uint64_t total = 0;
  for (const File& file : files) total += file.bytes;
  std::ranges::sort(files, [](const File& a, const File& b) {
    return std::pair(a.seconds, a.nanoseconds) < std::pair(b.seconds, b.nanoseconds);
  });
  for (const File& file : files) {
    if (total <= limit) return;
    if (file.unfinished()) continue;
    remove_file(file.path);
    total -= file.bytes;
  }
}

}  // namespace cache_detail

std::vector<CachedSection> list_cache(const DiskCacheOptions& options) {
  std::map<std::string, CachedSection> by_label;
  for (const auto& folder : cache_detail::sections_in(cache_detail::blocks_folder(options))) {
    for (const cache_detail::File& file : cache_detail::files_in(folder)) {
      if (file.unfinished()) continue;
      const auto pack = cache_detail::open_pack(file.path);
      if (!pack) continue;
      CachedSection& section = by_label[pack->label];
      section.label = pack->label;
      section.blocks += pack->index.size();
      section.bytes += file.bytes;
      section.used = std::max(section.used, file.seconds);
    }
  }
  std::vector<CachedSection> sections;
  sections.reserve(by_label.size());
  for (auto& [label, section] : by_label) sections.push_back(std::move(section));
  return sections;
}

std::uint64_t clear_cache(const DiskCacheOptions& options) {
  std::uint64_t freed = 0;
  for (const auto& folder : cache_detail::sections_in(cache_detail::blocks_folder(options))) {
    for (const cache_detail::File& file : cache_detail::files_in(folder)) {
      cache_detail::remove_file(file.path);
      freed += file.bytes;
    }
    std::error_code ignored;
    std::filesystem::remove(folder, ignored);  // stays where it holds something else
  }
  return freed;
}

}  // namespace graft
