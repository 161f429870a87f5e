// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace graft {

/// Bounds between which a quantity lies.
struct Interval {
  double low = 0;
  double high = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// Wilson's score interval of 95 % for a fraction of which `right` of `total` were seen: of all intervals of
/// closed form the one that still says something sensible of 20 right out of 20 (Wilson 1927; Brown, Cai and
/// DasGupta 2001). Of no trial it is 0 to 1. Errors: Error{invalid_argument} for right > total.
[[nodiscard]] Interval wilson_interval(std::size_t right, std::size_t total);

/// Mean and spread of repeated measurements.
struct Spread {
  double mean = 0;
  double deviation = 0;  ///< of the sample (divided by n - 1); 0 of a single value
  double lowest = 0;
  double highest = 0;
};
/// Of no value all are 0.
[[nodiscard]] Spread spread_of(std::span<const double> values);

}  // namespace graft
