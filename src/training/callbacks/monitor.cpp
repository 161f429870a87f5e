// SPDX-License-Identifier: Apache-2.0
#include "training/callbacks/monitor.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string_view>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

namespace graft::training {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kRising{"acc"sv, "accuracy"sv, "auc"sv, "precision"sv, "recall"sv, "f1_score"sv};
constexpr std::array kFalling{"loss"sv,       "error"sv, "crossentropy"sv, "hinge"sv,
                              "divergence"sv, "mse"sv,   "mae"sv};

bool ends_like(std::string_view name, auto& endings) {
  return std::ranges::any_of(endings, [&](std::string_view ending) { return name.ends_with(ending); });
}

}  // namespace

FigureMonitor::FigureMonitor(Options options) : options_(std::move(options)) {
  options_.min_delta = std::abs(options_.min_delta);
  rises_ = options_.mode == Monitor::max;
  if (options_.mode != Monitor::automatic) return;
  rises_ = ends_like(options_.figure, kRising);
  if (!rises_ && !ends_like(options_.figure, kFalling)) {
    fail(ErrorKind::invalid_argument, options_.callback, ": the good direction of '", options_.figure,
         "' is not known; set mode to Monitor::max or Monitor::min");
  }
}

double FigureMonitor::read(const EpochLog& log) const {
  if (const double* value = log.find(options_.figure)) return *value;
  fail(ErrorKind::invalid_argument, options_.callback, ": there is no figure '", options_.figure,
       "' to watch; there are ", comma_list(log.values, &std::pair<std::string, double>::first),
       ". For val_ figures give fit() validation_data");
}

bool FigureMonitor::improves(double value, const std::optional<double>& reference) const {
  if (!reference) return true;
  return rises_ ? value - options_.min_delta > *reference : value + options_.min_delta < *reference;
}

Json optional_json(const std::optional<double>& value) {
  // As bits: JSON has no NaN and no infinity.
  return value ? Json(std::bit_cast<std::uint64_t>(*value)) : Json(nullptr);
}

std::optional<double> optional_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return std::bit_cast<double>(json.get<std::uint64_t>());
}

}  // namespace graft::training
