// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace graft::kernels::native_detail {

/// Columns of a panel of the right factor: its rows lie in pairs, (depth / 2, 32 columns, 2).
inline constexpr std::int64_t kPanelColumns = 32;

/// out (rows, 32) = a (rows, depth) times a panel, of bfloat16 numbers summed in float32. depth is even;
/// strides count elements. Every row's sums are taken in the same order, however many rows there are.
struct PanelProduct {
  const std::uint16_t* a;
  std::int64_t a_stride;
  const std::uint16_t* panel;
  std::int64_t depth;
  float* out;
  std::int64_t out_stride;
};
/// One thread; the processor has AVX-512 with bfloat16.
void multiply(const PanelProduct& product, std::int64_t rows);

}  // namespace graft::kernels::native_detail
