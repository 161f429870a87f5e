// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "graft/classify/neighbours.hpp"

#include "inspect/findings/findings.hpp"

namespace graft::inspect {
namespace {

constexpr std::size_t kFewestForOutliers = 20;
constexpr std::size_t kMostCopies = 64;  // neighbours that are kept beside those that are wanted
constexpr double kLeastDistance = 1e-6;  // equal features: the logarithm stays finite

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<std::size_t> evenly_spread(std::size_t count, std::size_t most) {
  std::vector<std::size_t> chosen;
  const std::size_t kept = std::min(count, most);
  for (std::size_t i = 0; i < kept; ++i) chosen.push_back(i * count / kept);
  return chosen;
}

/// These rows; the same tensor where they are all.
Tensor chosen_rows(const Tensor& rows, const std::vector<std::size_t>& chosen) {
  if (static_cast<std::int64_t>(chosen.size()) == rows.shape()[0]) return rows;
  Tensor result({static_cast<std::int64_t>(chosen.size()), rows.shape()[1]});
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const auto to = static_cast<std::int64_t>(i);
    const auto from = static_cast<std::int64_t>(chosen[i]);
    result.slice(to, to + 1).copy_from(rows.slice(from, from + 1));
  }
  return result;
}

}  // namespace

std::vector<Outlier> outliers_of(const std::vector<double>& distances, double limit) {
  if (distances.size() < kFewestForOutliers) return {};
  std::vector<double> logarithms;
  logarithms.reserve(distances.size());
  for (const double distance : distances) logarithms.push_back(std::log(std::max(distance, kLeastDistance)));
  const double typical = median(logarithms);
  std::vector<double> deviations;
  deviations.reserve(logarithms.size());
  for (const double value : logarithms) deviations.push_back(std::abs(value - typical));
  constexpr double kNormal = 1.4826;  // of a normal distribution: standard deviation / median deviation
  const double highest = typical + limit * kNormal * median(deviations);
  std::vector<Outlier> outliers;
  for (std::size_t i = 0; i < distances.size(); ++i) {
    if (logarithms[i] > highest)
      outliers.push_back({.photo = i, .distance = distances[i], .typical = std::exp(typical)});
  }
  std::ranges::stable_sort(outliers, std::greater{}, &Outlier::distance);
  return outliers;
}

std::vector<Outlier> find_outliers(const Tensor& features, const std::vector<std::size_t>& groups,
                                   const InspectOptions& options) {
  const std::size_t photos = groups.size();
  if (photos < kFewestForOutliers) return {};
  std::size_t largest = 1;
  std::vector<std::size_t> sizes(photos, 0);
  for (const std::size_t group : groups) largest = std::max(largest, ++sizes[group]);
  // A photo with more copies than that finds none but them, and is no outlier then.
  const std::size_t copies = std::min(largest, kMostCopies);
  classify::NeighbourOptions wanted{.count = options.neighbours + copies};
  if (options.progress) {
    wanted.progress = [&](std::size_t done, std::size_t total) {
      return options.progress("outliers", done, total);
    };
  }
  const Tensor unit = classify::unit_rows(features);
  const std::vector<std::size_t> compared = evenly_spread(photos, kMostCompared);
  const auto nearest = classify::nearest_rows(unit, chosen_rows(unit, compared), wanted);
  std::vector<double> distances;
  for (std::size_t i = 0; i < nearest.size(); ++i) {
    double sum = 0;
    std::size_t used = 0;
    for (const classify::Neighbour& one : nearest[i]) {
      if (groups[compared[one.row]] == groups[i] || used == options.neighbours) continue;
      sum += one.distance;
      ++used;
    }
    distances.push_back(used > 0 ? sum / static_cast<double>(used) : 0);
  }
  return outliers_of(distances, options.limits.outlier);
}

}  // namespace graft::inspect
