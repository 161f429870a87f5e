// SPDX-License-Identifier: Apache-2.0
#include "transfer/context/reporter.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/freed_memory.hpp"

#include "transfer/context/recipe_options.hpp"

namespace graft::transfer {

bool Reporter::update(const std::string& stage, std::size_t done, std::size_t total,
                      const std::string& unit) {
  if (options_.progress && !stopped_) {
    if (!options_.progress({.stage = stage, .done = done, .total = total, .unit = unit, .line = {}})) stop();
  }
  return !stopped_;
}

void Reporter::stop() {
  stopped_ = true;
  if (options_.ranks) fail(ErrorKind::interrupted, "stopped; all ranks end, and --resume continues");
}

void Reporter::say(const std::string& line) {
  if (options_.progress && !options_.progress({.stage = {}, .unit = {}, .line = line})) stop();
}

void Reporter::say(const std::string& line, const EpochRow& epoch) {
  if (options_.progress && !options_.progress({.stage = {}, .unit = {}, .line = line, .epoch = &epoch}))
    stop();
}

void Reporter::note(const std::string& line) {
  notes_.push_back(line);
  say(line);
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
  const std::optional<double> budget = automatic_options(options_).budget;
  if (!budget) return std::nullopt;
  return *budget - passed();
}

std::vector<std::pair<std::string, double>> Reporter::seconds() {
  enter("");
  return seconds_;
}

void Reporter::break_down(const std::string& what) {
  if (broke_down_.empty()) broke_down_ = what;
  say("  " + what);
}

}  // namespace graft::transfer
