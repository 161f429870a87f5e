// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace graft::kernels::native_detail {

/// Columns of a panel of the right factor.
inline constexpr std::int64_t kPanelColumns = 32;

/// out (rows, 32) = a (rows, depth) times a panel, summed in float32; Number is float or bfloat16's
/// std::uint16_t. A panel is (depth, 32); of bfloat16 its rows are in pairs, (depth / 2, 32 columns, 2), and
/// depth is even. Strides count elements. Every row's sums are taken in the same order, however many rows
/// there are.
template <typename Number>
struct PanelProduct {
  const Number* a = nullptr;
  std::int64_t a_stride = 0;
  const Number* panel = nullptr;
  std::int64_t depth = 0;
  float* out = nullptr;
  std::int64_t out_stride = 0;
  bool add = false;  ///< to the numbers in out
};
/// One thread; the processor has AVX-512 or AVX2 with FMA, for bfloat16 numbers AVX-512 with bfloat16.
void multiply(const PanelProduct<float>& product, std::int64_t rows);
void multiply(const PanelProduct<std::uint16_t>& product, std::int64_t rows);

/// Rows at a time: with two vectors of sums each they fill three quarters of AVX-512's 32 registers.
inline constexpr int kMostRows = 12;

/// A function for each number of rows up to kRows.
template <typename Number, std::size_t kRows>
using MultiplyRows = std::array<void (*)(const PanelProduct<Number>&), kRows>;

/// A pointer that stays in a separate register: compilers would add to four of them as to a vector, and
/// wait for the way back through memory.
template <typename Number>
[[gnu::always_inline]] inline void advance_alone(const Number*& pointer, std::int64_t by) {
  pointer += by;
#if defined(__GNUC__)
  __asm__("" : "+r"(pointer));
#endif
}

/// Depth at a time, in pairs of bfloat16 numbers: so much of a panel stays in the first-level cache while all
/// rows meet it.
inline constexpr std::int64_t kPanelDepth = 96;

template <typename Number, std::size_t kRows>
void multiply_in_groups(const MultiplyRows<Number, kRows>& multiply_rows, const PanelProduct<Number>& product,
                        std::int64_t rows) {
  constexpr auto kMost = static_cast<std::int64_t>(kRows);
  constexpr std::int64_t kStep = std::is_same_v<Number, float> ? kPanelDepth : 2 * kPanelDepth;
  // Groups of about as many rows: none is left with one or two, which would keep the processor waiting.
  const std::int64_t groups = (rows + kMost - 1) / kMost;
  for (std::int64_t i = 0; i < product.depth; i += kStep) {
    for (std::int64_t group = 0; group < groups; ++group) {
      const std::int64_t begin = rows * group / groups;
      const std::int64_t end = rows * (group + 1) / groups;
      PanelProduct<Number> part = product;
      part.a += begin * product.a_stride + i;
      part.panel += i * kPanelColumns;
      part.depth = std::min(kStep, product.depth - i);
      part.out += begin * product.out_stride;
      part.add = i > 0;
      multiply_rows.at(static_cast<std::size_t>(end - begin - 1))(part);
    }
  }
}

}  // namespace graft::kernels::native_detail
