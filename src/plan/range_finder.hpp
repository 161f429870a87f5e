// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graft/plan/value_ranges.hpp"

namespace graft::plan {

/// The best 8-bit range of numbers that are added in parts: see RangeRecorder.
class RangeFinder {
 public:
  RangeFinder();
  /// Counts the smallest and the largest number, and a sample of the others.
  void add(std::span<const float> numbers);
  [[nodiscard]] bool is_finite() const { return finite_; }
  [[nodiscard]] ValueRange range() const;

 private:
  void count(float magnitude);
  [[nodiscard]] double error_at(std::size_t bins, double levels) const;

  std::vector<std::uint64_t> counts_;  ///< of magnitudes, in bins of equal width
  double width_ = 0;                   ///< of a bin; a power of two; 0: only zeros came yet
  float low_ = 0, high_ = 0;
  bool finite_ = true;
};

}  // namespace graft::plan
