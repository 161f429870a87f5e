// SPDX-License-Identifier: Apache-2.0
#include "cli/number_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "cli/output.hpp"

namespace graft::cli {
namespace {

/// 0.9 -> "90 %"
std::string level_text(double level) { return cat(std::round(level * 1000) / 10, " %"); }

}  // namespace

std::string number_text(double value, double step) {
  std::array<char, 64> text{};
  const double least = std::abs(step);
  if (!(least > 0) || !std::isfinite(value)) {
    std::snprintf(text.data(), text.size(), "%.4g", value);
    return text.data();
  }
  // Two digits of the step.
  const int digits = std::clamp(1 - static_cast<int>(std::floor(std::log10(least))), 0, 12);
  if (std::abs(value) >= 1e15) {
    std::snprintf(text.data(), text.size(), "%.6g", value);
  } else {
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  }
  return text.data();
}

std::string answer_text(const NumberAnswer& answer) {
  if (!answer.low || !answer.high) return number_text(answer.value, 0);
  const double step = *answer.high - answer.value;
  return cat(number_text(answer.value, step), "   ", level_text(answer.level), ": ",
             number_text(*answer.low, step), " to ", number_text(*answer.high, step));
}

std::string numbers_report(const std::vector<NumberFigures>& figures, const std::vector<std::string>& names,
                           double level) {
  std::string text;
  for (std::size_t k = 0; k < figures.size(); ++k) {
    const NumberFigures& one = figures[k];
    const double step = one.mean_absolute_error;
    const auto shown_interval = [&](const Interval& interval) {
      return cat(number_text(interval.low, step), "-", number_text(interval.high, step));
    };
    text += cat(shown(names.at(k)), ": mean absolute error ", number_text(step, step), " (",
                shown_interval(one.absolute_error_interval), ")   RMSE ",
                number_text(std::sqrt(one.mean_squared_error), step));
    if (one.r2 && one.r2_interval)
      text += cat("   R2 ", number_text(*one.r2, 0.1), " (", number_text(one.r2_interval->low, 0.1), " to ",
                  number_text(one.r2_interval->high, 0.1), ")");
    if (one.covered) text += cat("   in their ", level_text(level), " interval: ", percent(*one.covered));
    text += "\n";
  }
  return text;
}

}  // namespace graft::cli
