// SPDX-License-Identifier: Apache-2.0
#include "kernels/vectors/channel_rows.hpp"

#include "graft/base/target_clones.hpp"

namespace graft::kernels::vectors {

GRAFT_CLONES void normalize_rows(const Centred& centred, const Coefficients& by, float* y,
                                 const Rows& extents) {
  const float* x = centred.x;
  const float* mean = centred.mean;
  const float* by_x = by.by_x.data();
  const float* constant = by.constant.data();
  const std::size_t width = extents.channels;
  for (std::size_t r = 0; r < extents.rows; ++r, x += width, y += width) {
    for (std::size_t c = 0; c < width; ++c) y[c] = (x[c] - mean[c]) * by_x[c] + constant[c];
  }
}

GRAFT_CLONES void backward_rows(const Centred& centred, const Coefficients& by, const float* dy, float* dx,
                                const Rows& extents) {
  const float* x = centred.x;
  const float* mean = centred.mean;
  const float* by_dy = by.by_dy.data();
  const float* by_x = by.by_x.data();
  const float* constant = by.constant.data();
  const std::size_t width = extents.channels;
  for (std::size_t r = 0; r < extents.rows; ++r, x += width, dy += width, dx += width) {
    for (std::size_t c = 0; c < width; ++c)
      dx[c] = by_dy[c] * dy[c] + by_x[c] * (x[c] - mean[c]) + constant[c];
  }
}

}  // namespace graft::kernels::vectors
