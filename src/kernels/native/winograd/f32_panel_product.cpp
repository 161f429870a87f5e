// SPDX-License-Identifier: Apache-2.0
#include "kernels/native/winograd/panel_product.hpp"
#include "kernels/vectors/vectors.hpp"

namespace graft::kernels::native_detail {

using vectors::EightFloats;
using vectors::Floats;
using vectors::has_avx512;
using vectors::kLanes;
using vectors::kWidth;
using vectors::load;
using vectors::store;
namespace {

/// Numbers that are prefetched ahead of their use.
constexpr std::int64_t kAhead = kPanelDepth * kPanelColumns;

/// Rows at a time with AVX2: with two vectors of sums each they fill three quarters of its 16 registers.
constexpr int kMostNarrowRows = 6;

/// Two vectors' columns of kRows rows.
template <typename Vector, int kRows>
[[gnu::always_inline]] inline void multiply_f32_rows(const PanelProduct<float>& product) {
  Vector sums[kRows][2];
  float* out = product.out;
#pragma GCC unroll 12
  for (int row = 0; row < kRows; ++row) {
    sums[row][0] = sums[row][1] = Vector{};
    if (!product.add) continue;
    load(out + row * product.out_stride, sums[row][0]);
    load(out + row * product.out_stride + kWidth<Vector>, sums[row][1]);
  }
  // Three rows by each pointer: twelve would not fit the processor's registers.
  constexpr int kOfPointer = 3, kPointers = (kRows + kOfPointer - 1) / kOfPointer;
  const std::int64_t stride = product.a_stride;
  const float* a[kPointers];
  for (int p = 0; p < kPointers; ++p) a[p] = product.a + std::int64_t{p} * kOfPointer * stride;
  const float* panel = product.panel;
  for (std::int64_t i = 0; i < product.depth; ++i, panel += kPanelColumns) {
    Vector left;
    Vector right;
    load(panel, left);
    load(panel + kWidth<Vector>, right);
    __builtin_prefetch(panel + kAhead, 0, 2);
    if constexpr (kWidth<Vector> == kLanes) __builtin_prefetch(panel + kAhead + kWidth<Vector>, 0, 2);
#pragma GCC unroll 12
    for (int row = 0; row < kRows; ++row) {
      const Vector both = a[row / kOfPointer][row % kOfPointer * stride] - Vector{};
      sums[row][0] += both * left;
      sums[row][1] += both * right;
    }
#pragma GCC unroll 4
    for (int p = 0; p < kPointers; ++p) advance_alone(a[p], 1);
  }
#pragma GCC unroll 12
  for (int row = 0; row < kRows; ++row) {
    store(sums[row][0], out + row * product.out_stride);
    store(sums[row][1], out + row * product.out_stride + kWidth<Vector>);
  }
}

template <int kRows>
GRAFT_AVX512 void multiply_wide_rows(const PanelProduct<float>& product) {
  multiply_f32_rows<Floats, kRows>(product);
}

/// A panel is two halves' columns wide there.
template <int kRows>
GRAFT_AVX2 void multiply_narrow_rows(const PanelProduct<float>& product) {
  PanelProduct<float> right = product;
  right.panel += kPanelColumns / 2;
  right.out += kPanelColumns / 2;
  multiply_f32_rows<EightFloats, kRows>(product);
  multiply_f32_rows<EightFloats, kRows>(right);
}

template <int... kRows>
constexpr MultiplyRows<float, kMostRows> by_wide_rows(std::integer_sequence<int, kRows...>) {
  return {multiply_wide_rows<kRows + 1>...};
}
template <int... kRows>
constexpr MultiplyRows<float, kMostNarrowRows> by_narrow_rows(std::integer_sequence<int, kRows...>) {
  return {multiply_narrow_rows<kRows + 1>...};
}
constexpr auto kMultiplyWide = by_wide_rows(std::make_integer_sequence<int, kMostRows>());
constexpr auto kMultiplyNarrow = by_narrow_rows(std::make_integer_sequence<int, kMostNarrowRows>());

}  // namespace

void multiply(const PanelProduct<float>& product, std::int64_t rows) {
  if (has_avx512()) return multiply_in_groups(kMultiplyWide, product, rows);
  multiply_in_groups(kMultiplyNarrow, product, rows);
}

}  // namespace graft::kernels::native_detail
