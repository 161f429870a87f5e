// SPDX-License-Identifier: Apache-2.0
// The transformations by polynomials' values at 0, +-a, +-b and infinity. The points 1 and 2 of the paper
// give twice the rounding error of 5/8 and 3/2 (root mean square over 256 channels, some pairs tried: 3.0e-6
// and 1.4e-6; direct sums 0.6e-6).
#include "graft/base/parallel.hpp"

#include "kernels/native/vectors.hpp"
#include "kernels/native/winograd_tiles.hpp"

namespace graft::kernels::native_detail {
namespace {

constexpr float kA = 0.625F, kB = 1.5F;
constexpr float kA2 = kA * kA, kB2 = kB * kB, kA2B2 = kA2 * kB2, kSum = kA2 + kB2;
constexpr int kTaps = 3;
constexpr int kSide = FullTiles::kSide, kResultSide = FullTiles::kResultSide;

/// Six pixels in a line, a number of each in a lane.
using TileLine = Floats[kSide];

GRAFT_AVX512_INLINE void transform_pixel_line(TileLine& d) {
  const Floats even_a = d[4] - kB2 * d[2];
  const Floats odd_a = kA * d[3] - (kA * kB2) * d[1];
  const Floats even_b = d[4] - kA2 * d[2];
  const Floats odd_b = kB * d[3] - (kB * kA2) * d[1];
  d[0] = kA2B2 * d[0] - kSum * d[2] + d[4];
  d[5] = kA2B2 * d[1] - kSum * d[3] + d[5];
  d[1] = even_a + odd_a;
  d[2] = even_a - odd_a;
  d[3] = even_b + odd_b;
  d[4] = even_b - odd_b;
}

/// Three weights in a line, as six.
GRAFT_AVX512_INLINE void transform_weight_line(const Floats (&g)[kTaps], TileLine& to) {
  constexpr float kOfA = 1 / (2 * kA2 * (kA2 - kB2)), kOfB = 1 / (2 * kB2 * (kB2 - kA2));
  const Floats even_a = kOfA * g[0] + (kOfA * kA2) * g[2];
  const Floats odd_a = (kOfA * kA) * g[1];
  const Floats even_b = kOfB * g[0] + (kOfB * kB2) * g[2];
  const Floats odd_b = (kOfB * kB) * g[1];
  to[0] = (1 / kA2B2) * g[0];
  to[1] = even_a + odd_a;
  to[2] = even_a - odd_a;
  to[3] = even_b + odd_b;
  to[4] = even_b - odd_b;
  to[5] = g[2];
}

/// Six places in a line, as four results.
GRAFT_AVX512_INLINE void transform_sum_line(const TileLine& m, Floats (&to)[kResultSide]) {
  const Floats sum_a = m[1] + m[2];
  const Floats sum_b = m[3] + m[4];
  const Floats of_a = kA * (m[1] - m[2]);
  const Floats of_b = kB * (m[3] - m[4]);
  to[0] = m[0] + sum_a + sum_b;
  to[1] = of_a + of_b;
  to[2] = kA2 * sum_a + kB2 * sum_b;
  to[3] = kA2 * of_a + kB2 * of_b + m[5];
}

struct FullKernelRows {
  const float* kernel;
  std::int64_t depth, columns;
  float* panels;
};

/// 16 columns' weights of one row of the matrices.
GRAFT_AVX512 void transform_kernel_columns(const FullKernelRows& rows, std::int64_t row,
                                           std::int64_t column) {
  TileLine lines[kTaps];
  for (int x = 0; x < kTaps; ++x) {
    Floats taps[kTaps];
    for (int y = 0; y < kTaps; ++y)
      load(rows.kernel + ((y * kTaps + x) * rows.depth + row) * rows.columns + column, taps[y]);
    transform_weight_line(taps, lines[x]);
  }
  const std::int64_t panel = column / kPanelColumns;
  for (int y = 0; y < kSide; ++y) {
    const Floats taps[kTaps] = {lines[0][y], lines[1][y], lines[2][y]};
    TileLine line;
    transform_weight_line(taps, line);
    for (int x = 0; x < kSide; ++x) {
      const std::int64_t place = y * kSide + x;
      const std::int64_t at = (place * (rows.columns / kPanelColumns) + panel) * rows.depth + row;
      store(line[x], rows.panels + at * kPanelColumns + column % kPanelColumns);
    }
  }
}

}  // namespace

GRAFT_AVX512 void FullTiles::transform_pixels(const float* const* pixels, std::int64_t channels, float* to,
                                              std::int64_t stride) {
  for (std::int64_t c = 0; c < channels; c += kLanes) {
    TileLine rows[kSide];
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) load(pixels[y * kSide + x] + c, rows[y][x]);
      transform_pixel_line(rows[y]);
    }
    for (int x = 0; x < kSide; ++x) {
      TileLine column;
      for (int y = 0; y < kSide; ++y) column[y] = rows[y][x];
      transform_pixel_line(column);
      for (int y = 0; y < kSide; ++y) store(column[y], to + (y * kSide + x) * stride + c);
    }
  }
}

GRAFT_AVX512 void FullTiles::transform_sums(const float* sums, std::int64_t stride, const float* bias,
                                            float* results) {
  for (std::int64_t part = 0; part < kPanelColumns; part += kLanes) {
    TileLine rows[kResultSide];
    for (int x = 0; x < kSide; ++x) {
      TileLine column;
      for (int y = 0; y < kSide; ++y) load(sums + (y * kSide + x) * stride + part, column[y]);
      Floats of_column[kResultSide];
      transform_sum_line(column, of_column);
      for (int y = 0; y < kResultSide; ++y) rows[y][x] = of_column[y];
    }
    Floats start = {};
    if (bias != nullptr) load(bias + part, start);
    for (int y = 0; y < kResultSide; ++y) {
      Floats line[kResultSide];
      transform_sum_line(rows[y], line);
      for (int x = 0; x < kResultSide; ++x)
        store(start + line[x], results + (y * kResultSide + x) * kPanelColumns + part);
    }
  }
}

void FullTiles::transform_kernel(const float* kernel, std::int64_t depth, std::int64_t columns,
                                 float* panels) {
  const FullKernelRows rows{kernel, depth, columns, panels};
  parallel_for(static_cast<std::size_t>(depth), 4, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      for (std::int64_t column = 0; column < columns; column += kLanes)
        transform_kernel_columns(rows, static_cast<std::int64_t>(row), column);
    }
  });
}

GRAFT_AVX512 void FullTiles::add_pixel(const float* from, float* results) {
  for (std::int64_t part = 0; part < kPanelColumns; part += kLanes) {
    Floats a;
    Floats b;
    load(from + part, a);
    load(results + part, b);
    store(a + b, results + part);
  }
}

GRAFT_AVX512 void FullTiles::give_pixel(const float* results, float* to) {
  for (std::int64_t part = 0; part < kPanelColumns; part += kLanes) {
    Floats a;
    load(results + part, a);
    store(a, to + part);
  }
}

}  // namespace graft::kernels::native_detail
