// SPDX-License-Identifier: Apache-2.0
// The transformations by polynomials' values at 0, +-a, +-b and infinity. The points 1 and 2 of the paper
// have twice the rounding error of 5/8 and 3/2 (root mean square over 256 channels, some pairs tried: 3.0e-6
// and 1.4e-6; direct sums 0.6e-6).
#include <cstring>

#include "graft/base/parallel.hpp"

#include "kernels/native/winograd/winograd_tiles.hpp"
#include "kernels/vectors/vectors.hpp"

namespace graft::kernels::native_detail {

using vectors::EightFloats;
using vectors::Floats;
using vectors::has_avx512;
using vectors::kWidth;
using vectors::load;
using vectors::store;
namespace {

constexpr float kA = 0.625F, kB = 1.5F;
constexpr float kA2 = kA * kA, kB2 = kB * kB, kA2B2 = kA2 * kB2, kSum = kA2 + kB2;
constexpr int kTaps = 3;
constexpr int kSide = F32Tiles::kSide, kResultSide = F32Tiles::kResultSide;

/// Six pixels in a line, a number of each in a lane.
template <typename Vector>
using TileLine = Vector[kSide];

template <typename Vector>
[[gnu::always_inline]] inline void transform_pixel_line(TileLine<Vector>& d) {
  const Vector even_a = d[4] - kB2 * d[2];
  const Vector odd_a = kA * d[3] - (kA * kB2) * d[1];
  const Vector even_b = d[4] - kA2 * d[2];
  const Vector odd_b = kB * d[3] - (kB * kA2) * d[1];
  d[0] = kA2B2 * d[0] - kSum * d[2] + d[4];
  d[5] = kA2B2 * d[1] - kSum * d[3] + d[5];
  d[1] = even_a + odd_a;
  d[2] = even_a - odd_a;
  d[3] = even_b + odd_b;
  d[4] = even_b - odd_b;
}

/// Three weights in a line, as six.
template <typename Vector>
[[gnu::always_inline]] inline void transform_weight_line(const Vector (&g)[kTaps], TileLine<Vector>& to) {
  constexpr float kOfA = 1 / (2 * kA2 * (kA2 - kB2)), kOfB = 1 / (2 * kB2 * (kB2 - kA2));
  const Vector even_a = kOfA * g[0] + (kOfA * kA2) * g[2];
  const Vector odd_a = (kOfA * kA) * g[1];
  const Vector even_b = kOfB * g[0] + (kOfB * kB2) * g[2];
  const Vector odd_b = (kOfB * kB) * g[1];
  to[0] = (1 / kA2B2) * g[0];
  to[1] = even_a + odd_a;
  to[2] = even_a - odd_a;
  to[3] = even_b + odd_b;
  to[4] = even_b - odd_b;
  to[5] = g[2];
}

/// Six places in a line, as four results.
template <typename Vector>
[[gnu::always_inline]] inline void transform_sum_line(const TileLine<Vector>& m, Vector (&to)[kResultSide]) {
  const Vector sum_a = m[1] + m[2];
  const Vector sum_b = m[3] + m[4];
  const Vector of_a = kA * (m[1] - m[2]);
  const Vector of_b = kB * (m[3] - m[4]);
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

/// A vector of columns' weights of one row of the matrices.
template <typename Vector>
[[gnu::always_inline]] inline void transform_kernel_columns(const FullKernelRows& rows, std::int64_t row,
                                                            std::int64_t column) {
  TileLine<Vector> lines[kTaps];
#pragma GCC unroll 3
  for (int x = 0; x < kTaps; ++x) {
    Vector taps[kTaps];
#pragma GCC unroll 3
    for (int y = 0; y < kTaps; ++y)
      load(rows.kernel + ((y * kTaps + x) * rows.depth + row) * rows.columns + column, taps[y]);
    transform_weight_line(taps, lines[x]);
  }
  const std::int64_t panel = column / kPanelColumns;
#pragma GCC unroll 6
  for (int y = 0; y < kSide; ++y) {
    const Vector taps[kTaps] = {lines[0][y], lines[1][y], lines[2][y]};
    TileLine<Vector> line;
    transform_weight_line(taps, line);
#pragma GCC unroll 6
    for (int x = 0; x < kSide; ++x) {
      const std::int64_t place = y * kSide + x;
      const std::int64_t at = (place * (rows.columns / kPanelColumns) + panel) * rows.depth + row;
      store(line[x], rows.panels + at * kPanelColumns + column % kPanelColumns);
    }
  }
}

template <typename Vector>
[[gnu::always_inline]] inline void transform_kernel_row(const FullKernelRows& rows, std::int64_t row) {
  for (std::int64_t column = 0; column < rows.columns; column += kWidth<Vector>)
    transform_kernel_columns<Vector>(rows, row, column);
}

template <typename Vector>
[[gnu::always_inline]] inline void transform_pixel_channels(const float* const* pixels, std::int64_t channels,
                                                            float* to, std::int64_t stride) {
  for (std::int64_t c = 0; c < channels; c += kWidth<Vector>) {
    TileLine<Vector> rows[kSide];
    for (int y = 0; y < kSide; ++y) {
#pragma GCC unroll 6
      for (int x = 0; x < kSide; ++x) load(pixels[y * kSide + x] + c, rows[y][x]);
      transform_pixel_line<Vector>(rows[y]);
    }
    for (int x = 0; x < kSide; ++x) {
      TileLine<Vector> column;
#pragma GCC unroll 6
      for (int y = 0; y < kSide; ++y) column[y] = rows[y][x];
      transform_pixel_line<Vector>(column);
#pragma GCC unroll 6
      for (int y = 0; y < kSide; ++y) store(column[y], to + (y * kSide + x) * stride + c);
    }
  }
}

template <typename Vector>
[[gnu::always_inline]] inline void transform_sum_columns(const float* sums, std::int64_t stride,
                                                         const float* bias, float* results) {
  for (std::int64_t part = 0; part < kPanelColumns; part += kWidth<Vector>) {
    TileLine<Vector> rows[kResultSide];
    for (int x = 0; x < kSide; ++x) {
      TileLine<Vector> column;
#pragma GCC unroll 6
      for (int y = 0; y < kSide; ++y) load(sums + (y * kSide + x) * stride + part, column[y]);
      Vector of_column[kResultSide];
      transform_sum_line<Vector>(column, of_column);
#pragma GCC unroll 4
      for (int y = 0; y < kResultSide; ++y) rows[y][x] = of_column[y];
    }
    Vector start = {};
    if (bias != nullptr) load(bias + part, start);
    for (int y = 0; y < kResultSide; ++y) {
      Vector line[kResultSide];
      transform_sum_line<Vector>(rows[y], line);
#pragma GCC unroll 4
      for (int x = 0; x < kResultSide; ++x)
        store(Vector(start + line[x]), results + (y * kResultSide + x) * kPanelColumns + part);
    }
  }
}

GRAFT_AVX512 void wide_pixels(const float* const* pixels, std::int64_t channels, float* to,
                              std::int64_t stride) {
  transform_pixel_channels<Floats>(pixels, channels, to, stride);
}
GRAFT_AVX2 void narrow_pixels(const float* const* pixels, std::int64_t channels, float* to,
                              std::int64_t stride) {
  transform_pixel_channels<EightFloats>(pixels, channels, to, stride);
}
GRAFT_AVX512 void wide_sums(const float* sums, std::int64_t stride, const float* bias, float* results) {
  transform_sum_columns<Floats>(sums, stride, bias, results);
}
GRAFT_AVX2 void narrow_sums(const float* sums, std::int64_t stride, const float* bias, float* results) {
  transform_sum_columns<EightFloats>(sums, stride, bias, results);
}
GRAFT_AVX512 void wide_kernel_row(const FullKernelRows& rows, std::int64_t row) {
  transform_kernel_row<Floats>(rows, row);
}
GRAFT_AVX2 void narrow_kernel_row(const FullKernelRows& rows, std::int64_t row) {
  transform_kernel_row<EightFloats>(rows, row);
}

}  // namespace

void F32Tiles::transform_pixels(const float* const* pixels, std::int64_t channels, float* to,
                                std::int64_t stride) {
  (has_avx512() ? wide_pixels : narrow_pixels)(pixels, channels, to, stride);
}

void F32Tiles::transform_sums(const float* sums, std::int64_t stride, const float* bias, float* results) {
  (has_avx512() ? wide_sums : narrow_sums)(sums, stride, bias, results);
}

void F32Tiles::transform_kernel(const float* kernel, std::int64_t depth, std::int64_t columns,
                                float* panels) {
  const FullKernelRows rows{kernel, depth, columns, panels};
  const auto transform_row = has_avx512() ? wide_kernel_row : narrow_kernel_row;
  parallel_for(static_cast<std::size_t>(depth), 4, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) transform_row(rows, static_cast<std::int64_t>(row));
  });
}

void F32Tiles::add_pixel(const float* from, float* results) {
  for (std::int64_t i = 0; i < kPanelColumns; ++i) results[i] += from[i];
}

void F32Tiles::write_pixel(const float* results, float* to) {
  std::memcpy(to, results, static_cast<std::size_t>(kPanelColumns) * sizeof(float));
}

}  // namespace graft::kernels::native_detail
