// SPDX-License-Identifier: Apache-2.0
// What follows from the scanned photos.
#pragma once

#include <functional>
#include <vector>

#include "graft/inspect.hpp"

#include "inspect/photos/scan.hpp"

namespace graft {
inline namespace inspect {

/// Pairs of duplicates, and of each photo the group of photos that show the same (its smallest number).
struct DuplicateGroups {
  std::vector<DuplicatePair> pairs;
  std::vector<std::size_t> groups;
};
[[nodiscard]] DuplicateGroups find_duplicates(const ScannedPhotos& scanned,
                                              const std::vector<std::string>& class_names,
                                              const data::SimilarOptions& limits);
/// Groups with photos in several parts.
[[nodiscard]] std::vector<LeakedPhoto> find_leaks(const std::vector<InspectedPhoto>& photos,
                                                  const std::vector<std::size_t>& groups);
[[nodiscard]] std::vector<FaultyPicture> find_faults(const std::vector<InspectedPhoto>& photos,
                                                     const InspectLimits& limits);
/// Of distances, one a photo: those whose logarithm is `limit` deviations above the median. Nothing for few
/// photos.
[[nodiscard]] std::vector<Outlier> outliers_of(const std::vector<double>& distances, double limit);
/// Photos that each photo is compared with: of more, as many evenly spread ones, so that the time grows with
/// the photos and not with their square.
inline constexpr std::size_t kMostCompared = 4000;
/// Photos of one group do not count as each other's neighbours.
[[nodiscard]] std::vector<Outlier> find_outliers(const Tensor& features,
                                                 const std::vector<std::size_t>& groups,
                                                 const InspectOptions& options);

}  // namespace inspect
}  // namespace graft
