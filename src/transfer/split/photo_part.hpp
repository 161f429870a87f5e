// SPDX-License-Identifier: Apache-2.0
// Photos in a fixed order, and parts of them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graft/dataset.hpp"

namespace graft {
inline namespace transfer {

struct PhotoPart {
  data::Dataset photos;             ///< not shuffled
  std::vector<std::size_t> groups;  ///< what belongs together, one number a photo; or empty
};

/// All photos of a data set, in its own order.
[[nodiscard]] PhotoPart whole_part(const data::Dataset& photos, const std::vector<std::size_t>& groups);

/// Parts with these fractions (sum 1), each with its share of every class; no group is in two of them.
[[nodiscard]] std::vector<PhotoPart> divide(const PhotoPart& part, std::span<const double> fractions,
                                            std::uint64_t seed);

/// At most `most` photos, with the proportions of the classes kept; with groups about as many.
[[nodiscard]] PhotoPart part_of(const PhotoPart& part, std::size_t most, std::uint64_t seed);

}  // namespace transfer
}  // namespace graft
