// SPDX-License-Identifier: Apache-2.0
// Winograd's minimal filtering, by Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015:
// the results of a 3 x 3 kernel from a tile of pixels, by one multiplication a place of the tile. Both kinds
// have the same members; one thread each where nothing else is said. A panel: panel_product.hpp.
#pragma once

#include <cstdint>

#include "kernels/native/winograd/panel_product.hpp"

namespace graft::kernels::native_detail {

/// Of tiles of kPixels x kPixels pixels of these numbers.
template <typename TileNumber, int kPixels>
struct TileSizes {
  using Number = TileNumber;
  static constexpr int kSide = kPixels, kPlaces = kSide * kSide;
  static constexpr int kResultSide = kSide - 2, kResults = kResultSide * kResultSide;
};

/// F(2 x 2, 3 x 3) in bfloat16: 16 multiplications in place of 36. Pixels and kernels are transformed by sums
/// and differences, which are accurate enough in bfloat16: larger tiles would amplify its rounding. The
/// processor has AVX-512 with bfloat16.
struct Bf16Tiles : TileSizes<std::uint16_t, 4> {
  /// With fewer channels transforming costs more than it saves.
  static constexpr std::int64_t kFewestChannels = 64;

  /// pixels: kPlaces pixels of (channels) numbers, row by row; channels is a multiple of 16. to: for each
  /// place (channels) numbers, `stride` apart.
  static void transform_pixels(const Number* const* pixels, std::int64_t channels, Number* to,
                               std::int64_t stride);
  /// From the places' sums, `stride` apart, of a panel's 32 columns: results (kResults, 32), with bias (32)
  /// added unless it is null.
  static void transform_sums(const float* sums, std::int64_t stride, const float* bias, float* results);
  /// kernel (3, 3, depth, columns), to kPlaces matrices (depth, columns), each as (columns / 32) panels.
  /// depth is even, columns a multiple of 32. All threads.
  static void transform_kernel(const float* kernel, std::int64_t depth, std::int64_t columns, Number* panels);
  /// results (32) += or become a pixel's part of as many numbers.
  static void add_pixel(const Number* from, float* results);
  static void write_pixel(const float* results, Number* to);
};

/// F(4 x 4, 3 x 3) in float32: 36 multiplications in place of 144. The processor has AVX-512, or
/// AVX2 with FMA.
struct F32Tiles : TileSizes<float, 6> {
  static constexpr std::int64_t kFewestChannels = 32;

  static void transform_pixels(const Number* const* pixels, std::int64_t channels, Number* to,
                               std::int64_t stride);
  static void transform_sums(const float* sums, std::int64_t stride, const float* bias, float* results);
  static void transform_kernel(const float* kernel, std::int64_t depth, std::int64_t columns, Number* panels);
  static void add_pixel(const Number* from, float* results);
  static void write_pixel(const float* results, Number* to);
};

}  // namespace graft::kernels::native_detail
