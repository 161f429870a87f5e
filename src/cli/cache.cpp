// SPDX-License-Identifier: Apache-2.0
// graft cache
#include <algorithm>
#include <ctime>
#include <iomanip>
#include <iostream>
#include <memory>

#include "graft/base/disk_cache.hpp"
#include "graft/base/error.hpp"
#include "graft/base/folders.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"

namespace graft::cli {
namespace {

struct CacheCommand {
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

int cache(const CacheCommand& command) {
  const DiskCacheOptions options;
  const std::string folder = made_files_folder().string();
  if (command.clear) {
    const std::uint64_t freed = clear_cache(options);
    if (command.json) {
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
  if (command.json) {
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
  CLI::App* command = app.add_subcommand("cache", "Show or empty what earlier runs left for later ones");
  auto given = std::make_shared<CacheCommand>();
  command->add_flag("--clear", given->clear, "remove all of it");
  command->add_flag("--json", given->json, "machine-readable output");
  command->footer(
      "graft train keeps what the frozen network made of each photo, so that a second run on the same "
      "photos\n"
      "starts from there. It lies in $GRAFT_CACHE, else in graft's folder below $XDG_CACHE_HOME or "
      "~/.cache,\n"
      "and takes 4 GiB at most ($GRAFT_CACHE_MIB: mebibytes); what was used longest ago goes first.");
  command->callback([given, &run] { run = [given] { return cache(*given); }; });
}

}  // namespace graft::cli
