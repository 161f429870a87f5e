// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace graft::data {

/// Samples with several labels each, to be split.
struct SeveralSplit {
  std::span<const std::vector<int>> labels;  ///< the classes of each sample, from 0; may be none
  std::span<const std::size_t> groups{};     ///< the group of each sample; empty: one group per sample
  std::uint64_t seed = 0;
};

/// Iterative stratification (Sechidis, Tsoumakas and Vlahavas, "On the stratification of multi-label data",
/// 2011): the label with the fewest samples left is dealt out first, each of its groups to the part that
/// lacks most of this label; of equal ones to the part that lacks most samples; samples without labels come
/// last. Groups stay together and go in a random order that depends only on seed. Each part is sorted.
/// fractions: each >= 0, sum 1 (to 1e-6). Errors: as grouped_split().
[[nodiscard]] std::vector<std::vector<std::size_t>> iterative_split(const SeveralSplit& samples,
                                                                    std::span<const double> fractions);

}  // namespace graft::data
