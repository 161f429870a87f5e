// SPDX-License-Identifier: Apache-2.0
// Sums over many rows by channel: floats over few rows, doubles over all.
#pragma once

#include <algorithm>
#include <cstddef>

#include "kernels/vectors/reduction.hpp"

namespace graft::kernels::vectors {

/// A float sums this many rows without losing more than a digit; then the sums are added to doubles.
inline constexpr std::size_t kRowsInFloat = 32;
/// Channels whose float sums are kept on the stack at a time.
inline constexpr std::size_t kChannelBlock = 256;

/// A few rows and channels of a larger array.
struct Patch {
  std::size_t at, rows, stride, first_channel, width;
};

/// Calls body(patch) for patches of at most kRowsInFloat rows and kChannelBlock channels that cover them all.
template <typename Body>
void for_each_patch(const Rows& extents, const Body& body) {
  for (std::size_t r = 0; r < extents.rows; r += kRowsInFloat) {
    for (std::size_t c = 0; c < extents.channels; c += kChannelBlock) {
      body(Patch{.at = r * extents.channels + c,
                 .rows = std::min(kRowsInFloat, extents.rows - r),
                 .stride = extents.channels,
                 .first_channel = c,
                 .width = std::min(kChannelBlock, extents.channels - c)});
    }
  }
}

}  // namespace graft::kernels::vectors
