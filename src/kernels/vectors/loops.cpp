// SPDX-License-Identifier: Apache-2.0
#include "kernels/vectors/loops.hpp"

#include <algorithm>

#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"

namespace graft::kernels::vectors {
namespace {

GRAFT_CLONES void sum_block(const float* a, const float* b, float* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = a[i] + b[i];
}

GRAFT_CLONES void scale_rows(const float* x, const float* scale, float* y, std::size_t rows,
                             std::size_t width) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < width; ++c) y[r * width + c] = x[r * width + c] * scale[c];
  }
}

/// One number of each for every channel.
struct Line {
  const float* scale;
  const float* shift;
};

GRAFT_CLONES void scale_shift_rows(const float* x, const Line& by, float* y, std::size_t rows,
                                   std::size_t width) {
  const float* scale = by.scale;
  const float* shift = by.shift;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < width; ++c) y[r * width + c] = x[r * width + c] * scale[c] + shift[c];
  }
}

}  // namespace

void add_block(const float* a, const float* b, float* y, std::size_t count) { sum_block(a, b, y, count); }

void for_each_block(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body) {
  parallel_for(count, kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i += kBlock) body(i, std::min(i + kBlock, end));
  });
}

void for_each_row_block(std::size_t rows, std::size_t width,
                        const std::function<void(std::size_t, std::size_t)>& body) {
  const std::size_t of_block = std::max<std::size_t>(1, kBlock / std::max<std::size_t>(1, width));
  const std::size_t of_grain = std::max<std::size_t>(1, kGrain / std::max<std::size_t>(1, width));
  parallel_for(rows, of_grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; r += of_block) body(r, std::min(r + of_block, end));
  });
}

Tile::Tile(std::size_t channels)
    : channels_(channels),
      values_(channels >= 64 ? channels : channels * (64 / std::max<std::size_t>(1, channels))) {}

void Tile::set(const float* values) {
  for (std::size_t i = 0; i < values_.size(); i += channels_)
    std::copy_n(values, channels_, values_.data() + i);
}

const ScaleAndShiftTiles::Pair& ScaleAndShiftTiles::set(std::size_t thread, const float* scale,
                                                        const float* shift) {
  Pair& pair = pairs_.at(thread);
  pair.scale.set(scale);
  pair.shift.set(shift);
  return pair;
}

void scale_and_shift(const ScaleAndShift& by, const float* x, float* y, std::size_t count) {
  const std::size_t width = by.scale->width();
  if (width == 0) return;
  const auto block = [&](std::size_t at, std::size_t rows, std::size_t columns) {
    if (by.shift != nullptr) {
      scale_shift_rows(x + at, {by.scale->data(), by.shift->data()}, y + at, rows, columns);
    } else {
      scale_rows(x + at, by.scale->data(), y + at, rows, columns);
    }
    if (!by.activation.is_linear()) activate_block(by.activation, y + at, y + at, rows * columns);
  };
  const std::size_t rows = count / width;
  for_each_row_block(rows, width,
                     [&](std::size_t begin, std::size_t end) { block(begin * width, end - begin, width); });
  if (count > rows * width) block(rows * width, 1, count - rows * width);
}

void activate(const ops::Activation& activation, const float* x, float* y, std::size_t count) {
  if (activation.is_linear() && x == y) return;
  for_each_block(count, [&](std::size_t begin, std::size_t end) {
    activate_block(activation, x + begin, y + begin, end - begin);
  });
}

void add(const ops::Activation& activation, const float* a, const float* b, float* y, std::size_t count) {
  for_each_block(count, [&](std::size_t begin, std::size_t end) {
    add_block(a + begin, b + begin, y + begin, end - begin);
    if (!activation.is_linear()) activate_block(activation, y + begin, y + begin, end - begin);
  });
}

}  // namespace graft::kernels::vectors
