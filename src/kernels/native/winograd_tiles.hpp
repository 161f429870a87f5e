// SPDX-License-Identifier: Apache-2.0
// Winograd's minimal filtering F(2 x 2, 3 x 3), by Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2015: 2 x 2 results of a 3 x 3 kernel from a tile of 4 x 4 pixels by 16 multiplications in place
// of 36. Pixels and kernels are transformed by sums and differences, which bfloat16 bears: larger tiles would
// amplify its rounding. One thread each; the processor has AVX-512 with bfloat16.
#pragma once

#include <cstdint>

#include "kernels/native/low_product.hpp"

namespace graft::kernels::native_detail {

inline constexpr int kTileSide = 4, kTilePlaces = 16, kTileResults = 4;

/// pixels: 16 pixels of (channels) numbers, row by row; channels is a multiple of 16. to: for each of the 16
/// places (channels) numbers, `stride` apart.
void transform_pixels(const std::uint16_t* const* pixels, std::int64_t channels, std::uint16_t* to,
                      std::int64_t stride);

/// From the 16 places' sums, `stride` apart, of a panel's 32 columns: results (4, 32), with bias (32) added
/// unless it is null.
void transform_sums(const float* sums, std::int64_t stride, const float* bias, float* results);

/// kernel (3, 3, depth, columns) in float32, to 16 matrices (depth, columns), each as (columns / 32) panels.
/// depth is even, columns a multiple of 32. All threads.
void transform_kernel(const float* kernel, std::int64_t depth, std::int64_t columns, std::uint16_t* panels);

/// results (32) += or become a pixel's part of as many bfloat16 numbers.
void add_pixel(const std::uint16_t* from, float* results);
void give_pixel(const float* results, std::uint16_t* to);

}  // namespace graft::kernels::native_detail
