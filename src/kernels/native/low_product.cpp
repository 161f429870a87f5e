// SPDX-License-Identifier: Apache-2.0
#include "kernels/native/low_product.hpp"

#include <array>
#include <utility>

#include "kernels/native/bfloat16_vectors.hpp"

namespace graft::kernels::native_detail {
namespace {

/// Rows at a time: with two vectors of sums each they fill three quarters of the 32 registers.
constexpr int kMostRows = 12;

template <int kRows>
GRAFT_BFLOAT16 void multiply_rows(const PanelProduct& product) {
  Floats sums[kRows][2] = {};
  const std::uint16_t* a = product.a;
  const std::uint16_t* panel = product.panel;
  for (std::int64_t pair = 0; pair < product.depth / 2; ++pair, a += 2, panel += 2 * kPanelColumns) {
    const auto left = load_vector<Words>(panel);
    const auto right = load_vector<Words>(panel + kPanelColumns);
#pragma GCC unroll 12
    for (int row = 0; row < kRows; ++row) {
      const Words both = Words{} + load_vector<std::uint32_t>(a + row * product.a_stride);
      sums[row][0] = add_pairs(sums[row][0], both, left);
      sums[row][1] = add_pairs(sums[row][1], both, right);
    }
  }
  for (int row = 0; row < kRows; ++row) {
    float* out = product.out + row * product.out_stride;
    store_vector(sums[row][0], out);
    store_vector(sums[row][1], out + kLanes);
  }
}

using Multiply = void (*)(const PanelProduct&);
template <int... kRows>
constexpr std::array<Multiply, sizeof...(kRows)> by_rows(std::integer_sequence<int, kRows...>) {
  return {multiply_rows<kRows + 1>...};
}
constexpr auto kMultiply = by_rows(std::make_integer_sequence<int, kMostRows>());

}  // namespace

void multiply(const PanelProduct& product, std::int64_t rows) {
  // Groups of about as many rows: none is left with one or two, which would keep the processor waiting.
  const std::int64_t groups = (rows + kMostRows - 1) / kMostRows;
  for (std::int64_t group = 0; group < groups; ++group) {
    const std::int64_t begin = rows * group / groups;
    const std::int64_t end = rows * (group + 1) / groups;
    PanelProduct part = product;
    part.a += begin * product.a_stride;
    part.out += begin * product.out_stride;
    kMultiply.at(static_cast<std::size_t>(end - begin - 1))(part);
  }
}

}  // namespace graft::kernels::native_detail
