// SPDX-License-Identifier: Apache-2.0
// The affine maps by channel that normalisations end in.
#pragma once

#include <vector>

#include "kernels/vectors/reduction.hpp"

namespace graft::kernels::vectors {

/// Numbers per channel: y = by_dy dy + by_x (x - mean) + constant; the forward pass has no dy.
struct Coefficients {
  explicit Coefficients(std::size_t channels) : by_dy(channels), by_x(channels), constant(channels) {}
  std::vector<float> by_dy, by_x, constant;
};

// One thread each.
/// y = by_x (x - mean) + constant.
void normalize_rows(const Centred& centred, const Coefficients& by, float* y, const Rows& extents);
/// dx = by_dy dy + by_x (x - mean) + constant.
void backward_rows(const Centred& centred, const Coefficients& by, const float* dy, float* dx,
                   const Rows& extents);

}  // namespace graft::kernels::vectors
