// SPDX-License-Identifier: Apache-2.0
#include "kernels/native/ops/batch_rows.hpp"

#include "graft/base/target_clones.hpp"

#include "kernels/vectors/convert.hpp"
#include "kernels/vectors/patches.hpp"

namespace graft::kernels::native_detail {
namespace {

using vectors::for_each_patch;
using vectors::kChannelBlock;
using vectors::Patch;
using vectors::put;
using vectors::Rows;
using vectors::widen;

/// Comparisons that keep NaN.
[[gnu::always_inline]] inline float clip(float z, float low, float high) {
  const float above = low > z ? low : z;
  return high < above ? high : above;
}

template <typename X>
[[gnu::always_inline]] inline void sum_moments(const X* all, const Patch& patch, double* sums,
                                               double* squares) {
  float first[kChannelBlock];
  float sum[kChannelBlock] = {};
  float square[kChannelBlock] = {};
  const X* x = all + patch.at;
  const std::size_t width = patch.width;
  for (std::size_t c = 0; c < width; ++c) first[c] = widen(x[c]);
  for (std::size_t r = 1; r < patch.rows; ++r) {
    x += patch.stride;
    for (std::size_t c = 0; c < width; ++c) {
      const float difference = widen(x[c]) - first[c];
      sum[c] += difference;
      square[c] += difference * difference;
    }
  }
  const auto rows = static_cast<double>(patch.rows);
  for (std::size_t c = 0; c < width; ++c) {
    const double around = static_cast<double>(sum[c]) / rows;
    const double mean = static_cast<double>(first[c]) + around;
    sums[c] += rows * mean;
    squares[c] += static_cast<double>(square[c]) + rows * (mean * mean - around * around);
  }
}

template <typename X, typename Y>
[[gnu::always_inline]] inline void normalize(const X* x, const BatchLine& line, Y* y, const Rows& extents) {
  const float* mean = line.mean;
  const float* scale = line.scale;
  const float* shift = line.shift;
  const float low = line.low;
  const float high = line.high;
  const std::size_t width = extents.channels;
  for (std::size_t r = 0; r < extents.rows; ++r, x += width, y += width) {
#pragma GCC ivdep
    for (std::size_t c = 0; c < width; ++c)
      put(clip((widen(x[c]) - mean[c]) * scale[c] + shift[c], low, high), y[c]);
  }
}

/// dy times the slope of clip() at z.
[[gnu::always_inline]] inline float gated(float dy, float z, float low, float high) {
  const float below = z <= low ? 0.0F : dy;
  return z >= high ? 0.0F : below;
}

/// What the sums of gradients go to.
struct Sums {
  double* sums;
  double* products;
};

template <typename X, typename D>
[[gnu::always_inline]] inline void sum_gradients(const X* all_x, const BatchLine& line, const D* all_dy,
                                                 const Patch& patch, const Sums& to) {
  float sum[kChannelBlock] = {};
  float product[kChannelBlock] = {};
  const X* x = all_x + patch.at;
  const D* dy = all_dy + patch.at;
  const float* mean = line.mean + patch.first_channel;
  const float* scale = line.scale + patch.first_channel;
  const float* shift = line.shift + patch.first_channel;
  const float low = line.low;
  const float high = line.high;
  const std::size_t width = patch.width;
  for (std::size_t r = 0; r < patch.rows; ++r, x += patch.stride, dy += patch.stride) {
    for (std::size_t c = 0; c < width; ++c) {
      const float centred = widen(x[c]) - mean[c];
      const float dz = gated(widen(dy[c]), centred * scale[c] + shift[c], low, high);
      sum[c] += dz;
      product[c] += dz * centred;
    }
  }
  for (std::size_t c = 0; c < width; ++c) {
    to.sums[c] += static_cast<double>(sum[c]);
    to.products[c] += static_cast<double>(product[c]);
  }
}

template <typename X, typename D>
[[gnu::always_inline]] inline void gradient(const X* x, const BatchLine& line, const D* dy, X* dx,
                                            const Rows& extents) {
  const BatchLine by = line;
  const std::size_t width = extents.channels;
  for (std::size_t r = 0; r < extents.rows; ++r, x += width, dy += width, dx += width) {
#pragma GCC ivdep
    for (std::size_t c = 0; c < width; ++c) {
      const float centred = widen(x[c]) - by.mean[c];
      const float dz = gated(widen(dy[c]), centred * by.scale[c] + by.shift[c], by.low, by.high);
      put(by.by_dz[c] * dz + by.by_x[c] * centred + by.constant[c], dx[c]);
    }
  }
}

// One function for each type of elements: the compiler makes versions of functions, not of templates.
using Half = std::uint16_t;

GRAFT_CLONES void moments_of(const float* x, const Patch& patch, double* sums, double* squares) {
  sum_moments(x, patch, sums, squares);
}
GRAFT_CLONES void bf16_moments_of(const Half* x, const Patch& patch, double* sums, double* squares) {
  sum_moments(x, patch, sums, squares);
}
void moments_of(const Half* x, const Patch& patch, double* sums, double* squares) {
  bf16_moments_of(x, patch, sums, squares);
}

GRAFT_CLONES void gradients_of(const float* x, const BatchLine& line, const float* dy, const Patch& patch,
                               const Sums& to) {
  sum_gradients(x, line, dy, patch, to);
}
GRAFT_CLONES void bf16_gradients_of(const Half* x, const BatchLine& line, const Half* dy, const Patch& patch,
                                    const Sums& to) {
  sum_gradients(x, line, dy, patch, to);
}
GRAFT_CLONES void mixed_gradients_of(const Half* x, const BatchLine& line, const float* dy,
                                     const Patch& patch, const Sums& to) {
  sum_gradients(x, line, dy, patch, to);
}
void gradients_of(const Half* x, const BatchLine& line, const Half* dy, const Patch& patch, const Sums& to) {
  bf16_gradients_of(x, line, dy, patch, to);
}
void gradients_of(const Half* x, const BatchLine& line, const float* dy, const Patch& patch, const Sums& to) {
  mixed_gradients_of(x, line, dy, patch, to);
}

template <typename X>
void all_moments(const X* x, const Rows& extents, double* sums) {
  for_each_patch(extents, [&](const Patch& patch) {
    moments_of(x, patch, sums + patch.first_channel, sums + extents.channels + patch.first_channel);
  });
}
template <typename X, typename D>
void all_gradients(const X* x, const BatchLine& line, const D* dy, const Rows& extents, double* sums) {
  for_each_patch(extents, [&](const Patch& patch) {
    gradients_of(x, line, dy, patch,
                 {sums + patch.first_channel, sums + extents.channels + patch.first_channel});
  });
}

GRAFT_CLONES void normalize_floats(const float* x, const BatchLine& line, float* y, const Rows& extents) {
  normalize(x, line, y, extents);
}
GRAFT_CLONES void normalize_halves(const Half* x, const BatchLine& line, Half* y, const Rows& extents) {
  normalize(x, line, y, extents);
}
GRAFT_CLONES void normalize_to_floats(const Half* x, const BatchLine& line, float* y, const Rows& extents) {
  normalize(x, line, y, extents);
}
GRAFT_CLONES void gradient_floats(const float* x, const BatchLine& line, const float* dy, float* dx,
                                  const Rows& extents) {
  gradient(x, line, dy, dx, extents);
}
GRAFT_CLONES void gradient_halves(const Half* x, const BatchLine& line, const Half* dy, Half* dx,
                                  const Rows& extents) {
  gradient(x, line, dy, dx, extents);
}
GRAFT_CLONES void gradient_of_floats(const Half* x, const BatchLine& line, const float* dy, Half* dx,
                                     const Rows& extents) {
  gradient(x, line, dy, dx, extents);
}

}  // namespace

void add_moments(const float* x, const Rows& extents, double* sums) { all_moments(x, extents, sums); }
void add_moments(const Half* x, const Rows& extents, double* sums) { all_moments(x, extents, sums); }

void normalize_batch(const float* x, const BatchLine& line, float* y, const Rows& extents) {
  normalize_floats(x, line, y, extents);
}
void normalize_batch(const Half* x, const BatchLine& line, Half* y, const Rows& extents) {
  normalize_halves(x, line, y, extents);
}
void normalize_batch(const Half* x, const BatchLine& line, float* y, const Rows& extents) {
  normalize_to_floats(x, line, y, extents);
}

void add_gradient_sums(const float* x, const BatchLine& line, const float* dy, const Rows& extents,
                       double* sums) {
  all_gradients(x, line, dy, extents, sums);
}
void add_gradient_sums(const Half* x, const BatchLine& line, const Half* dy, const Rows& extents,
                       double* sums) {
  all_gradients(x, line, dy, extents, sums);
}
void add_gradient_sums(const Half* x, const BatchLine& line, const float* dy, const Rows& extents,
                       double* sums) {
  all_gradients(x, line, dy, extents, sums);
}

void batch_input_gradient(const float* x, const BatchLine& line, const float* dy, float* dx,
                          const Rows& extents) {
  gradient_floats(x, line, dy, dx, extents);
}
void batch_input_gradient(const Half* x, const BatchLine& line, const Half* dy, Half* dx,
                          const Rows& extents) {
  gradient_halves(x, line, dy, dx, extents);
}
void batch_input_gradient(const Half* x, const BatchLine& line, const float* dy, Half* dx,
                          const Rows& extents) {
  gradient_of_floats(x, line, dy, dx, extents);
}

}  // namespace graft::kernels::native_detail
