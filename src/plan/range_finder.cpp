// SPDX-License-Identifier: Apache-2.0
#include "plan/range_finder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace graft::plan {
namespace {

constexpr std::size_t kBins = 2048;
/// Sample about this many values per batch.
constexpr std::size_t kSample = 32768;
/// Candidate ranges end at multiples of this many bins, from an eighth of the largest number on.
constexpr std::size_t kStep = 16;

}  // namespace

RangeFinder::RangeFinder() : counts_(kBins, 0) {}

void RangeFinder::add(std::span<const float> numbers) {
  float low = low_;
  float high = high_;
  for (const float x : numbers) {
    low = x < low ? x : low;
    high = x > high ? x : high;
    // Comparisons with NaN are false.
    finite_ = finite_ && std::abs(x) <= std::numeric_limits<float>::max();
  }
  if (!finite_) return;
  low_ = low;
  high_ = high;
  // An odd step, so that all channels are sampled.
  const std::size_t step = numbers.size() / kSample | 1U;
  for (std::size_t i = 0; i < numbers.size(); i += step) {
    if (numbers[i] != 0) count(std::abs(numbers[i]));
  }
}

void RangeFinder::count(float magnitude) {
  if (width_ == 0) width_ = std::exp2(std::ceil(std::log2(static_cast<double>(magnitude))) + 1) / kBins;
  while (magnitude >= width_ * kBins) {
    for (std::size_t i = 0; i < kBins; ++i)
      counts_[i] = i < kBins / 2 ? counts_[2 * i] + counts_[2 * i + 1] : 0;
    width_ *= 2;
  }
  ++counts_[static_cast<std::size_t>(magnitude / width_)];
}

/// The squared error of a range of this many bins, with this many levels from 0 to its end.
double RangeFinder::error_at(std::size_t bins, double levels) const {
  const double end = static_cast<double>(bins) * width_;
  const double step = end / levels;
  double error = 0;
  for (std::size_t i = 0; i < kBins; ++i) {
    if (counts_[i] == 0) continue;
    const double x = (static_cast<double>(i) + 0.5) * width_;
    const double one = x > end ? (x - end) * (x - end) : std::min(step * step / 12, x * x);
    error += static_cast<double>(counts_[i]) * one;
  }
  return error;
}

ValueRange RangeFinder::range() const {
  const float largest = std::max(-low_, high_);
  if (width_ == 0) return {low_, high_};
  const double levels = low_ < 0 ? 127 : 255;
  const auto last = static_cast<std::size_t>(largest / width_) + 1;
  std::size_t best = last;
  double least = error_at(last, levels);
  for (std::size_t bins = std::max(kStep, last / 8); bins < last; bins += kStep) {
    const double error = error_at(bins, levels);
    if (error >= least) continue;
    least = error;
    best = bins;
  }
  const auto end = static_cast<float>(static_cast<double>(best) * width_);
  return {std::max(low_, -end), std::min(high_, end)};
}

}  // namespace graft::plan
