// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#pragma GCC visibility push(default)

namespace graft {

/// Lower and upper bound of a quantity.
struct Interval {
  double low = 0;
  double high = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// Wilson's score interval of 95 % for a fraction observed as `right` of `total`; unlike simpler intervals it
/// is sensible for 20 right out of 20, too (Wilson 1927; Brown, Cai and DasGupta 2001). For total 0 it is 0
/// to 1. Errors: Error{invalid_argument} for right > total.
[[nodiscard]] Interval wilson_interval(std::size_t right, std::size_t total);

/// Mean and spread of repeated measurements.
struct Spread {
  double mean = 0;
  double deviation = 0;  ///< of the sample (divided by n - 1); 0 for a single value
  double lowest = 0;
  double highest = 0;
};
/// All 0 for no values.
[[nodiscard]] Spread spread_of(std::span<const double> values);

}  // namespace graft

#pragma GCC visibility pop
