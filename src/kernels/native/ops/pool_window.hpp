// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "kernels/arguments.hpp"

namespace graft::kernels::native_detail {

/// The taps [begin, end) of one axis's window that are inside the image, for the output at position o.
struct Taps {
  std::int64_t begin, end;
  [[nodiscard]] std::int64_t count() const { return end - begin; }
};

/// A pooling window with its sizes and what it visits.
struct PoolWindow {
  WindowExtents extents;
  ops::Window window;

  [[nodiscard]] Taps rows(std::int64_t oy) const {
    return inside(oy * window.stride_height - window.pad_top, window.height, window.dilation_height,
                  extents.h);
  }
  [[nodiscard]] Taps columns(std::int64_t ox) const {
    return inside(ox * window.stride_width - window.pad_left, window.width, window.dilation_width, extents.w);
  }
  /// Index of the input pixel's first channel that a tap of output (oy, ox) looks at.
  [[nodiscard]] std::int64_t input(std::int64_t n, std::int64_t y, std::int64_t x) const {
    return ((n * extents.h + y) * extents.w + x) * extents.c;
  }
  [[nodiscard]] std::int64_t row(std::int64_t oy, std::int64_t tap) const {
    return oy * window.stride_height - window.pad_top + tap * window.dilation_height;
  }
  [[nodiscard]] std::int64_t column(std::int64_t ox, std::int64_t tap) const {
    return ox * window.stride_width - window.pad_left + tap * window.dilation_width;
  }
  /// Calls body(index of the input pixel) for every tap of output (oy, ox) inside the image.
  template <typename Body>
  void for_each_tap(std::int64_t n, std::int64_t oy, std::int64_t ox, const Body& body) const {
    const Taps tall = rows(oy);
    const Taps wide = columns(ox);
    for (std::int64_t ky = tall.begin; ky < tall.end; ++ky) {
      for (std::int64_t kx = wide.begin; kx < wide.end; ++kx) body(input(n, row(oy, ky), column(ox, kx)));
    }
  }
  [[nodiscard]] std::int64_t taps_inside(std::int64_t oy, std::int64_t ox) const {
    return rows(oy).count() * columns(ox).count();
  }

 private:
  static Taps inside(std::int64_t start, std::int64_t size, std::int64_t dilation, std::int64_t extent) {
    const std::int64_t begin = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
    const std::int64_t end = start >= extent ? 0 : std::min(size, (extent - 1 - start) / dilation + 1);
    return {std::min(begin, size), std::max(std::min(begin, size), end)};
  }
};

/// The whole image as one window, y (N, C) as (N, 1, 1, C).
inline PoolWindow whole_image(const Shape& x) {
  return {.extents = {.n = x[0], .h = x[1], .w = x[2], .c = x[3], .oh = 1, .ow = 1, .f = x[3]},
          .window = {.height = x[1], .width = x[2]}};
}

/// GlobalPool of the largest value; pooling.cpp.
Function largest_of_image(const Spec& spec);

}  // namespace graft::kernels::native_detail
