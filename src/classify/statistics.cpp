// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/evaluation.hpp"

namespace graft {

Interval wilson_interval(std::size_t right, std::size_t total) {
  if (right > total)
    fail(ErrorKind::invalid_argument, "interval: ", right, " right of ", total, " is more than all");
  if (total == 0) return {0, 1};
  constexpr double kNormal = 1.959963984540054;  // 97.5 % of the standard normal distribution lie below
  const auto n = static_cast<double>(total);
  const double p = static_cast<double>(right) / n;
  const double square = kNormal * kNormal;
  const double centre = (p + square / (2 * n)) / (1 + square / n);
  const double half = kNormal / (1 + square / n) * std::sqrt(p * (1 - p) / n + square / (4 * n * n));
  // At the ends rounding would leave a last digit.
  return {right == 0 ? 0 : std::max(centre - half, 0.0), right == total ? 1 : std::min(centre + half, 1.0)};
}

Spread spread_of(std::span<const double> values) {
  if (values.empty()) return {};
  Spread spread{.lowest = values.front(), .highest = values.front()};
  const auto n = static_cast<double>(values.size());
  for (const double value : values) {
    spread.mean += value / n;
    spread.lowest = std::min(spread.lowest, value);
    spread.highest = std::max(spread.highest, value);
  }
  double square = 0;
  for (const double value : values) square += (value - spread.mean) * (value - spread.mean);
  if (values.size() > 1) spread.deviation = std::sqrt(square / (n - 1));
  return spread;
}

}  // namespace graft
