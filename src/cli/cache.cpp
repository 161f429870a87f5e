// SPDX-License-Identifier: Apache-2.0
// graft cache
#include <algorithm>
#include <ctime>
#include <iomanip>
#include <iostream>
#include <memory>

#include "graft/base/folders.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/disk_cache.hpp"
#include "graft/error.hpp"

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"

namespace graft::cli {
namespace {

struct CacheArguments {
  bool clear = false;
  bool json = false;
};

std::string megabytes(std::uint64_t bytes) {
  constexpr double kMega = 1e6;
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << static_cast<double>(bytes) / kMega << " MB";
  return text.str();
}

std::string day(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  if (gmtime_r(&time, &parts) == nullptr) return "?";
  std::ostringstream text;
  text << std::put_time(&parts, "%Y-%m-%d");
  return text.str();
}

void print_sections(const std::vector<CachedSection>& sections) {
  std::size_t width = 0;
  for (const CachedSection& section : sections) width = std::max(width, section.label.size());
  for (const CachedSection& section : sections) {
    std::cout << section.label << std::string(width - section.label.size() + 2, ' ')
              << counted(section.blocks, "entry", "entries") << ", " << megabytes(section.bytes) << ", used "
              << day(section.used) << '\n';
  }
}

int cache(const CacheArguments& given) {
  const DiskCacheOptions options;
  const std::string folder = made_files_folder().string();
  if (given.clear) {
    const std::uint64_t freed = clear_cache(options);
    if (given.json) {
      print_json({{"folder", folder}, {"freed_bytes", freed}});
    } else {
      std::cout << folder << ": " << megabytes(freed) << " freed\n";
    }
    return kOk;
  }
  const std::vector<CachedSection> sections = list_cache(options);
  std::uint64_t bytes = 0;
  Json rows = Json::array();
  for (const CachedSection& section : sections) {
    bytes += section.bytes;
    rows.push_back({{"label", section.label},
                    {"entries", section.blocks},
                    {"bytes", section.bytes},
                    {"used", section.used}});
  }
  if (given.json) {
    print_json(
        {{"folder", folder}, {"bytes", bytes}, {"limit_bytes", disk_cache_limit()}, {"sections", rows}});
    return kOk;
  }
  print_sections(sections);
  std::cout << folder << ": " << megabytes(bytes) << " of at most " << megabytes(disk_cache_limit()) << '\n';
  return kOk;
}

}  // namespace

void add_cache(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("cache", "Show or clear the cache of features that speeds up later runs");
  auto given = std::make_shared<CacheArguments>();
  command->add_flag("--clear", given->clear, "delete all entries");
  command->add_flag("--json", given->json, "print JSON on standard output");
  command->footer(
      "graft train stores the features that the frozen network computes of each photo; a second run on the "
      "same photos reads them. The cache is in $GRAFT_CACHE, else in graft's folder below $XDG_CACHE_HOME or "
      "~/.cache. Its size is at most 4 GiB, or $GRAFT_CACHE_MIB mebibytes; the least recently used entries "
      "are deleted first.\n\n"
      "Examples:\n"
      "  graft cache\n"
      "  graft cache --clear");
  command->callback([given, &run] { run = [given] { return cache(*given); }; });
}

}  // namespace graft::cli
