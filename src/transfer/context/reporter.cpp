// SPDX-License-Identifier: Apache-2.0
#include "transfer/context/reporter.hpp"

#include <algorithm>

#include "graft/base/freed_memory.hpp"

namespace graft::transfer {

bool Reporter::update(const std::string& stage, std::size_t done, std::size_t total,
                      const std::string& unit) {
  if (options_.progress && !stopped_) {
    stopped_ = !options_.progress({.stage = stage, .done = done, .total = total, .unit = unit, .line = {}});
  }
  return !stopped_;
}

void Reporter::say(const std::string& line) {
  if (options_.progress && !options_.progress({.stage = {}, .unit = {}, .line = line})) stopped_ = true;
}

void Reporter::enter(const std::string& stage) {
  const auto now = std::chrono::steady_clock::now();
  if (!stage_.empty()) {
    const auto known = std::ranges::find(seconds_, stage_, &std::pair<std::string, double>::first);
    auto& entry = known != seconds_.end() ? *known : seconds_.emplace_back(stage_, 0.0);
    entry.second += std::chrono::duration<double>(now - since_).count();
  }
  stage_ = stage;
  since_ = now;
  give_back_freed_memory();  // of the stage before: batches, plans, decoded photos
}

std::optional<double> Reporter::seconds_left() const {
  if (!options_.budget) return std::nullopt;
  return *options_.budget - passed();
}

Json Reporter::seconds() {
  enter("");
  Json all = Json::object();
  for (const auto& [stage, seconds] : seconds_) all[stage] = seconds;
  return all;
}

void Reporter::break_down(const std::string& what) {
  if (broke_down_.empty()) broke_down_ = what;
  say("  " + what);
}

void keep_note(TrainResult& result, Reporter& reporter, const std::string& line) {
  result.notes.push_back(line);
  reporter.say(line);
}

}  // namespace graft::transfer
