// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace graft::data {

/// The samples to split.
struct GroupedSplit {
  std::span<const int> labels;  ///< the class of each sample, from 0
  std::span<const std::size_t>
      groups;  ///< the group of each sample (any numbers); empty: one group per sample
  std::uint64_t seed = 0;
};

/// Distributes samples over parts so that no group is in two parts and each part has each class in about its
/// fraction. Large groups go first, equal ones in a random order that depends only on seed; each goes where
/// the classes' counts then miss the fractions least (sum over the classes of the squared difference). A part
/// may miss a class that has fewer groups than there are parts, but is empty only when there are fewer groups
/// than parts with a fraction. Each part is sorted.
/// fractions: each >= 0, sum 1 (to 1e-6). Errors: Error{invalid_argument}, also for a negative label;
/// Error{shape_mismatch} for another number of groups than of labels.
[[nodiscard]] std::vector<std::vector<std::size_t>> grouped_split(const GroupedSplit& samples,
                                                                  std::span<const double> fractions);

/// The same for k parts of one size: each is once the fold that is held back. Errors: Error{invalid_argument}
/// for fewer than 2 folds or when a fold would get nothing.
[[nodiscard]] std::vector<std::vector<std::size_t>> stratified_folds(const GroupedSplit& samples,
                                                                     std::size_t folds);

/// Every position of 0..count-1 that is not in `part` (sorted): what a fold is tested against.
[[nodiscard]] std::vector<std::size_t> all_but(std::span<const std::size_t> part, std::size_t count);

}  // namespace graft::data
