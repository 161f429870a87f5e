// SPDX-License-Identifier: Apache-2.0
#include "cli/kept_speed.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/folders.hpp"
#include "graft/base/json.hpp"
#include "graft/base/read_file.hpp"
#include "graft/execution.hpp"
#include "graft/version.hpp"

namespace graft::cli {
namespace {

std::filesystem::path speeds_file() { return made_files_folder() / "speeds.json"; }

/// A home folder may be shared by several machines.
std::string this_machine() {
  std::ifstream in("/proc/cpuinfo");
  std::string line;
  std::string processor = "processor";
  while (std::getline(in, line)) {
    if (!line.starts_with("model name")) continue;
    processor = line.substr(std::min(line.find(':') + 2, line.size()));
    break;
  }
  return cat(processor, ", ", num_threads(), " threads, graft ", version());
}

/// The whole file; an empty object where it is absent or broken.
Json read_speeds() {
  constexpr std::uintmax_t kMostBytes = std::uintmax_t{1} << 20U;
  try {
    Json json = Json::parse(read_file(speeds_file(), kMostBytes), nullptr, false);
    if (json.is_object()) return json;
  } catch (const Error& error) {
    static_cast<void>(error);  // nothing was measured yet, or the times have to be measured again
  }
  return Json::object();
}

std::optional<KeptSpeed> speed_from(const Json& row) {
  try {
    return KeptSpeed{.application = row.at("application").get<std::string>(),
                     .alpha = row.at("alpha").get<double>(),
                     .top = row.at("include_top").get<bool>(),
                     .image_size = row.at("image_size").get<std::int64_t>(),
                     .milliseconds = row.at("milliseconds").get<double>()};
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

Json json_of(const KeptSpeed& speed) {
  return {{"application", speed.application},
          {"alpha", speed.alpha},
          {"include_top", speed.top},
          {"image_size", speed.image_size},
          {"milliseconds", speed.milliseconds}};
}

bool same_network(const KeptSpeed& a, const KeptSpeed& b) {
  return a.application == b.application && a.alpha == b.alpha && a.top == b.top &&
         a.image_size == b.image_size;
}

}  // namespace

std::vector<KeptSpeed> kept_speeds() {
  std::vector<KeptSpeed> speeds;
  const Json all = read_speeds();
  const auto here = all.find(this_machine());
  if (here == all.end() || !here->is_array()) return speeds;
  for (const Json& row : *here) {
    if (std::optional<KeptSpeed> speed = speed_from(row)) speeds.push_back(std::move(*speed));
  }
  return speeds;
}

void keep_speed(const KeptSpeed& speed) {
  std::vector<KeptSpeed> speeds = kept_speeds();
  std::erase_if(speeds, [&](const KeptSpeed& other) { return same_network(speed, other); });
  speeds.push_back(speed);
  Json rows = Json::array();
  for (const KeptSpeed& row : speeds) rows.push_back(json_of(row));
  Json all = read_speeds();
  all[this_machine()] = std::move(rows);
  std::error_code error;
  std::filesystem::create_directories(made_files_folder(), error);
  if (error)
    fail(ErrorKind::io, "cannot make the folder ", made_files_folder().string(), ": ", error.message());
  write_file_atomically(speeds_file(), all.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace graft::cli
