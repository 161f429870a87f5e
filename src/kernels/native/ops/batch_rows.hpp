// SPDX-License-Identifier: Apache-2.0
// The loops of batch normalisation in training mode, over the rows of (rows, channels) arrays of float32 or
// bfloat16. All numbers that are not such elements are float32, sums over many rows are doubles. One thread
// each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "kernels/vectors/reduction.hpp"

namespace graft::kernels::native_detail {

/// z = scale (x - mean) + shift by channel, and y = z clipped to [low, high]. What the backward pass adds:
/// dx = by_dz dz + by_x (x - mean) + constant.
struct BatchLine {
  const float* mean;
  const float* scale;
  const float* shift;
  const float* by_dz = nullptr;
  const float* by_x = nullptr;
  const float* constant = nullptr;
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
};

/// sums (2, channels) += the rows' sum, and what the rows' sum of squares would be in exact numbers. Each few
/// rows are summed around their first, so that channels with a large mean keep their variance.
void add_moments(const float* x, const vectors::Rows& extents, double* sums);
void add_moments(const std::uint16_t* x, const vectors::Rows& extents, double* sums);

/// y from x.
void normalize_batch(const float* x, const BatchLine& line, float* y, const vectors::Rows& extents);
void normalize_batch(const std::uint16_t* x, const BatchLine& line, std::uint16_t* y,
                     const vectors::Rows& extents);
void normalize_batch(const std::uint16_t* x, const BatchLine& line, float* y, const vectors::Rows& extents);

/// dz = dy where low < z < high, else 0. sums (2, channels) += sum of dz, sum of dz (x - mean).
void add_gradient_sums(const float* x, const BatchLine& line, const float* dy, const vectors::Rows& extents,
                       double* sums);
void add_gradient_sums(const std::uint16_t* x, const BatchLine& line, const std::uint16_t* dy,
                       const vectors::Rows& extents, double* sums);
void add_gradient_sums(const std::uint16_t* x, const BatchLine& line, const float* dy,
                       const vectors::Rows& extents, double* sums);

/// dx from x and dy; dx may be either of them.
void batch_input_gradient(const float* x, const BatchLine& line, const float* dy, float* dx,
                          const vectors::Rows& extents);
void batch_input_gradient(const std::uint16_t* x, const BatchLine& line, const std::uint16_t* dy,
                          std::uint16_t* dx, const vectors::Rows& extents);
void batch_input_gradient(const std::uint16_t* x, const BatchLine& line, const float* dy, std::uint16_t* dx,
                          const vectors::Rows& extents);

}  // namespace graft::kernels::native_detail
