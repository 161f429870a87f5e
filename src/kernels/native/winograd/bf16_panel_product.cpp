// SPDX-License-Identifier: Apache-2.0
#include "kernels/native/winograd/panel_product.hpp"
#include "kernels/vectors/bf16_vectors.hpp"

namespace graft::kernels::native_detail {

using vectors::add_pairs;
using vectors::Floats;
using vectors::kLanes;
using vectors::load_vector;
using vectors::load_wide;
using vectors::store_vector;
using vectors::Words;
namespace {

/// Numbers that are prefetched ahead of their use.
constexpr std::int64_t kAhead = 2 * kPanelDepth * kPanelColumns;

template <int kRows>
GRAFT_BFLOAT16 void multiply_rows(const PanelProduct<std::uint16_t>& product) {
  Floats sums[kRows][2];
  float* out = product.out;
#pragma GCC unroll 12
  for (int row = 0; row < kRows; ++row) {
    sums[row][0] = sums[row][1] = Floats{};
    if (!product.add) continue;
    sums[row][0] = load_wide(out + row * product.out_stride);
    sums[row][1] = load_wide(out + row * product.out_stride + kLanes);
  }
  // Three rows by each pointer: twelve would not fit the processor's registers.
  constexpr int kOfPointer = 3, kPointers = (kRows + kOfPointer - 1) / kOfPointer;
  const std::int64_t stride = product.a_stride;
  const std::uint16_t* a[kPointers];
  for (int p = 0; p < kPointers; ++p) a[p] = product.a + std::int64_t{p} * kOfPointer * stride;
  const std::uint16_t* panel = product.panel;
  for (std::int64_t pair = 0; pair < product.depth / 2; ++pair, panel += 2 * kPanelColumns) {
    const auto left = load_vector<Words>(panel);
    const auto right = load_vector<Words>(panel + kPanelColumns);
    __builtin_prefetch(panel + kAhead, 0, 2);
    __builtin_prefetch(panel + kAhead + kPanelColumns, 0, 2);
#pragma GCC unroll 12
    for (int row = 0; row < kRows; ++row) {
      const Words both =
          Words{} + load_vector<std::uint32_t>(a[row / kOfPointer] + row % kOfPointer * stride);
      sums[row][0] = add_pairs(sums[row][0], both, left);
      sums[row][1] = add_pairs(sums[row][1], both, right);
    }
#pragma GCC unroll 4
    for (int p = 0; p < kPointers; ++p) advance_alone(a[p], 2);
  }
#pragma GCC unroll 12
  for (int row = 0; row < kRows; ++row) {
    store_vector(sums[row][0], out + row * product.out_stride);
    store_vector(sums[row][1], out + row * product.out_stride + kLanes);
  }
}

template <int... kRows>
constexpr MultiplyRows<std::uint16_t, kMostRows> by_rows(std::integer_sequence<int, kRows...>) {
  return {multiply_rows<kRows + 1>...};
}
constexpr auto kMultiply = by_rows(std::make_integer_sequence<int, kMostRows>());

}  // namespace

void multiply(const PanelProduct<std::uint16_t>& product, std::int64_t rows) {
  multiply_in_groups(kMultiply, product, rows);
}

}  // namespace graft::kernels::native_detail
