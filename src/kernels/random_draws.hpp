// SPDX-License-Identifier: Apache-2.0
// The random numbers of random ops, drawn the same way by every backend.
#pragma once

#include <cstdint>

#include "graft/kernels/kernel.hpp"

namespace graft::kernels {

/// The position in the input of output pixel (x, y): (xx x + xy y + x0, yx x + yy y + y0), in pixels, x to
/// the right, y down, pixel centres at whole numbers.
struct AffineMap {
  double xx = 1, xy = 0, x0 = 0;
  double yx = 0, yy = 1, y0 = 0;
};

/// The map of one sample. With the centre ((W - 1) / 2, (H - 1) / 2) as the origin the picture is first
/// flipped, then rotated (positive angles: counter-clockwise on the screen), then zoomed (zoom z shows 1 + z
/// of the extent), then shifted (by fractions of H and W; positive: down and right); the map here is the way
/// back from output to input. Each part follows keras.layers.RandomFlip, RandomRotation, RandomZoom and
/// RandomTranslation.
[[nodiscard]] AffineMap draw_map(const ops::RandomTransform& op, const RunContext& context,
                                 std::size_t sample, const Shape& image);
/// Where a RandomCrop's part begins, for the extents left over: a row in [0, rows] and a column in [0,
/// columns].
struct Corner {
  std::int64_t row, column;
};
[[nodiscard]] Corner draw_corner(const ops::RandomCrop& op, const RunContext& context, std::int64_t rows,
                                 std::int64_t columns);
/// The factor of one sample's contrast.
[[nodiscard]] float draw_factor(const ops::RandomContrast& op, const RunContext& context, std::size_t sample);
/// The number added to one sample's pixels, in their units.
[[nodiscard]] float draw_delta(const ops::RandomBrightness& op, const RunContext& context,
                               std::size_t sample);

/// A coordinate in [0, size - 1] for one outside, by the fill mode (as TensorFlow's
/// ImageProjectiveTransformV3: mirrored about the pixel edges, then clamped). FillMode::constant leaves it.
[[nodiscard]] float map_coordinate(ops::FillMode mode, float coordinate, std::int64_t size);

/// Which elements a Dropout keeps: element i of a run iff hash(i) >= threshold. A counter hashed with two
/// keys; 32 bits, so that loops over it vectorise. Counters beyond 2^32 repeat the pattern.
struct DropoutMask {
  std::uint32_t key_before, key_after, threshold;

  DropoutMask(const ops::Dropout& op, const RunContext& context);
  [[nodiscard]] bool keeps(std::uint32_t i) const {
    std::uint32_t hash = i ^ key_before;
    hash = (hash ^ (hash >> 16U)) * 0x7feb352dU;
    hash = (hash ^ (hash >> 15U) ^ key_after) * 0x846ca68bU;
    return ((hash ^ (hash >> 16U)) >> 8U) >= threshold;
  }
};
/// A standard normal number for element i of a run (Box-Muller on two hashes of i).
[[nodiscard]] float draw_normal(const ops::GaussianNoise& op, const RunContext& context, std::size_t i);

/// The shape of what a Dropout draws for an array of this shape: 1 along shared axes.
[[nodiscard]] Shape drawn_shape(const ops::Dropout& op, const Shape& x);

/// The factor of kept elements.
[[nodiscard]] inline float dropout_scale(const ops::Dropout& op) {
  return op.rate < 1 ? 1.0F / (1.0F - op.rate) : 0.0F;
}

}  // namespace graft::kernels
