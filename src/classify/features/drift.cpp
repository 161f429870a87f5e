// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/evaluation.hpp"

namespace graft::classify {
namespace {

constexpr double kSignificant = 0.01;

/// Of sorted values.
double middle_of(std::span<const double> values) { return values[values.size() / 2]; }

/// Largest difference of the two cumulative distributions. Both sorted.
double kolmogorov_smirnov(std::span<const double> a, std::span<const double> b) {
  double largest = 0;
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    const double at = std::min(a[i], b[j]);
    while (i < a.size() && a[i] <= at) ++i;
    while (j < b.size() && b[j] <= at) ++j;
    largest = std::max(largest, std::abs(static_cast<double>(i) / static_cast<double>(a.size()) -
                                         static_cast<double>(j) / static_cast<double>(b.size())));
  }
  return largest;
}

/// Kolmogorov's distribution with Stephens' correction for small samples (Stephens 1970).
double p_value_of(double difference, std::size_t n, std::size_t m) {
  const double size = std::sqrt(static_cast<double>(n) * static_cast<double>(m) / static_cast<double>(n + m));
  const double x = (size + 0.12 + 0.11 / size) * difference;
  constexpr int kTerms = 100;
  double sum = 0;
  for (int k = 1; k <= kTerms; ++k) sum += (k % 2 == 1 ? 2 : -2) * std::exp(-2.0 * k * k * x * x);
  return x < 0.2 ? 1 : std::clamp(sum, 0.0, 1.0);
}

}  // namespace

Drift find_drift(const TrainingFeatures& known, std::span<const double> distances) {
  if (distances.size() < kFewestForDrift) {
    fail(ErrorKind::invalid_argument, "drift: expected at least ", kFewestForDrift, " photos, received ",
         distances.size());
  }
  std::vector<double> sorted(distances.begin(), distances.end());
  std::ranges::sort(sorted);
  Drift drift{.photos = sorted.size(), .expected = known.false_alarms};
  drift.unlike = static_cast<std::size_t>(
      std::ranges::count_if(sorted, [&](double distance) { return distance > known.limit; }));
  drift.share = static_cast<double>(drift.unlike) / static_cast<double>(drift.photos);
  drift.interval = wilson_interval(drift.unlike, drift.photos);
  drift.distance = middle_of(sorted);
  drift.usual_distance = middle_of(known.held_out);
  drift.p_value =
      p_value_of(kolmogorov_smirnov(known.held_out, sorted), known.held_out.size(), sorted.size());
  drift.drifted = drift.p_value < kSignificant && drift.distance > drift.usual_distance;
  return drift;
}

}  // namespace graft::classify
