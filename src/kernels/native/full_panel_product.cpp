// SPDX-License-Identifier: Apache-2.0
#include "kernels/native/panel_product.hpp"
#include "kernels/native/vectors.hpp"

namespace graft::kernels::native_detail {
namespace {

/// What is read soon is asked for in time.
constexpr std::int64_t kAhead = kPanelDepth * kPanelColumns;

template <int kRows>
GRAFT_AVX512 void multiply_full_rows(const PanelProduct<float>& product) {
  Floats sums[kRows][2];
  float* out = product.out;
#pragma GCC unroll 12
  for (int row = 0; row < kRows; ++row) {
    sums[row][0] = sums[row][1] = Floats{};
    if (!product.add) continue;
    load(out + row * product.out_stride, sums[row][0]);
    load(out + row * product.out_stride + kLanes, sums[row][1]);
  }
  // Three rows by each pointer: twelve would not fit the processor's registers.
  constexpr int kOfPointer = 3, kPointers = (kRows + kOfPointer - 1) / kOfPointer;
  const std::int64_t stride = product.a_stride;
  const float* a[kPointers];
  for (int p = 0; p < kPointers; ++p) a[p] = product.a + std::int64_t{p} * kOfPointer * stride;
  const float* panel = product.panel;
  for (std::int64_t i = 0; i < product.depth; ++i, panel += kPanelColumns) {
    Floats left;
    Floats right;
    load(panel, left);
    load(panel + kLanes, right);
    __builtin_prefetch(panel + kAhead, 0, 2);
    __builtin_prefetch(panel + kAhead + kLanes, 0, 2);
#pragma GCC unroll 12
    for (int row = 0; row < kRows; ++row) {
      const Floats both = a[row / kOfPointer][row % kOfPointer * stride] - Floats{};
      sums[row][0] += both * left;
      sums[row][1] += both * right;
    }
#pragma GCC unroll 4
    for (int p = 0; p < kPointers; ++p) advance_alone(a[p], 1);
  }
#pragma GCC unroll 12
  for (int row = 0; row < kRows; ++row) {
    store(sums[row][0], out + row * product.out_stride);
    store(sums[row][1], out + row * product.out_stride + kLanes);
  }
}

template <int... kRows>
constexpr MultiplyRows<float> by_full_rows(std::integer_sequence<int, kRows...>) {
  return {multiply_full_rows<kRows + 1>...};
}
constexpr auto kMultiplyFull = by_full_rows(std::make_integer_sequence<int, kMostRows>());

}  // namespace

void multiply(const PanelProduct<float>& product, std::int64_t rows) {
  multiply_in_groups(kMultiplyFull, product, rows);
}

}  // namespace graft::kernels::native_detail
