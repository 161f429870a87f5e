// SPDX-License-Identifier: Apache-2.0
#include "graft/base/parallel.hpp"

#include "kernels/native/winograd/winograd_tiles.hpp"
#include "kernels/vectors/bf16_vectors.hpp"

namespace graft::kernels::native_detail {

using vectors::Floats;
using vectors::kLanes;
using vectors::load_wide;
using vectors::round_vector;
using vectors::store_rounded;
using vectors::store_vector;
using vectors::Words;
namespace {

constexpr int kTileSide = Bf16Tiles::kSide, kTilePlaces = Bf16Tiles::kPlaces;

/// Four pixels in a line, a number of each in a lane.
using Line = Floats[kTileSide];

GRAFT_BFLOAT16_INLINE void transform_line(Line& d) {
  const Floats first = d[0] - d[2];
  const Floats last = d[1] - d[3];
  const Floats sum = d[1] + d[2];
  d[2] -= d[1];
  d[0] = first;
  d[1] = sum;
  d[3] = last;
}

/// Three weights in a line, as four.
GRAFT_BFLOAT16_INLINE void transform_weights(const Floats& a, const Floats& b, const Floats& c, Line& to) {
  const Floats outer = (a + c) * 0.5F;
  const Floats inner = b * 0.5F;
  to[0] = a;
  to[1] = outer + inner;
  to[2] = outer - inner;
  to[3] = c;
}

struct KernelRows {
  const float* kernel;
  std::int64_t depth, columns;
  std::uint16_t* panels;
};

/// 16 columns' weights of one row of the matrices: their bfloat16 numbers at each place.
GRAFT_BFLOAT16_INLINE void transform_columns(const KernelRows& rows, std::int64_t row, std::int64_t column,
                                             Words (&to)[kTilePlaces]) {
  constexpr int kTaps = 3;
  Line columns_of[kTaps];
  for (int x = 0; x < kTaps; ++x) {
    Floats tap[kTaps];
    for (int y = 0; y < kTaps; ++y)
      tap[y] = load_wide(rows.kernel + ((y * kTaps + x) * rows.depth + row) * rows.columns + column);
    transform_weights(tap[0], tap[1], tap[2], columns_of[x]);
  }
  for (int y = 0; y < kTileSide; ++y) {
    Line line;
    transform_weights(columns_of[0][y], columns_of[1][y], columns_of[2][y], line);
    for (int x = 0; x < kTileSide; ++x)
      to[y * kTileSide + x] = __builtin_convertvector(round_vector(line[x]), Words);
  }
}

GRAFT_BFLOAT16 void transform_pair(const KernelRows& rows, std::int64_t pair) {
  for (std::int64_t column = 0; column < rows.columns; column += kLanes) {
    Words even[kTilePlaces];
    Words odd[kTilePlaces];
    transform_columns(rows, 2 * pair, column, even);
    transform_columns(rows, 2 * pair + 1, column, odd);
    const std::int64_t panel = column / kPanelColumns;
    for (int place = 0; place < kTilePlaces; ++place) {
      const std::int64_t at = (place * (rows.columns / kPanelColumns) + panel) * (rows.depth / 2) + pair;
      store_vector(even[place] | (odd[place] << 16U),
                   rows.panels + (at * kPanelColumns + column % kPanelColumns) * 2);
    }
  }
}

}  // namespace

GRAFT_BFLOAT16 void Bf16Tiles::transform_pixels(const std::uint16_t* const* pixels, std::int64_t channels,
                                                std::uint16_t* to, std::int64_t stride) {
  for (std::int64_t c = 0; c < channels; c += kLanes) {
    Line rows[kTileSide];
    for (int y = 0; y < kTileSide; ++y) {
      for (int x = 0; x < kTileSide; ++x) rows[y][x] = load_wide(pixels[y * kTileSide + x] + c);
      transform_line(rows[y]);
    }
    for (int x = 0; x < kTileSide; ++x) {
      Line column = {rows[0][x], rows[1][x], rows[2][x], rows[3][x]};
      transform_line(column);
      for (int y = 0; y < kTileSide; ++y) store_rounded(column[y], to + (y * kTileSide + x) * stride + c);
    }
  }
}

GRAFT_BFLOAT16 void Bf16Tiles::transform_sums(const float* sums, std::int64_t stride, const float* bias,
                                              float* results) {
  for (std::int64_t part = 0; part < kPanelColumns; part += kLanes) {
    Line upper;
    Line lower;
    for (int x = 0; x < kTileSide; ++x) {
      const auto at = [&](int y) GRAFT_BFLOAT16 { return sums + (y * kTileSide + x) * stride + part; };
      const Floats middle = load_wide(at(1)) + load_wide(at(2));
      upper[x] = load_wide(at(0)) + middle;
      lower[x] = load_wide(at(1)) - load_wide(at(2)) - load_wide(at(3));
    }
    const Floats start = bias != nullptr ? load_wide(bias + part) : Floats{};
    const auto write = [&](const Line& line, float* to) GRAFT_BFLOAT16 {
      store_vector(start + line[0] + line[1] + line[2], to);
      store_vector(start + line[1] - line[2] - line[3], to + kPanelColumns);
    };
    write(upper, results + part);
    write(lower, results + 2 * kPanelColumns + part);
  }
}

void Bf16Tiles::transform_kernel(const float* kernel, std::int64_t depth, std::int64_t columns,
                                 std::uint16_t* panels) {
  const KernelRows rows{kernel, depth, columns, panels};
  parallel_for(static_cast<std::size_t>(depth / 2), 4, [&](std::size_t begin, std::size_t end) {
    for (std::size_t pair = begin; pair < end; ++pair) transform_pair(rows, static_cast<std::int64_t>(pair));
  });
}

GRAFT_BFLOAT16 void Bf16Tiles::add_pixel(const std::uint16_t* from, float* results) {
  for (std::int64_t part = 0; part < kPanelColumns; part += kLanes)
    store_vector(load_wide(results + part) + load_wide(from + part), results + part);
}

GRAFT_BFLOAT16 void Bf16Tiles::write_pixel(const float* results, std::uint16_t* to) {
  for (std::int64_t part = 0; part < kPanelColumns; part += kLanes)
    store_rounded(load_wide(results + part), to + part);
}

}  // namespace graft::kernels::native_detail
