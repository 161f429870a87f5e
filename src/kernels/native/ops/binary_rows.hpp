// SPDX-License-Identifier: Apache-2.0
// What Binary, its gradient and Dropout with shared draws do with a few rows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "graft/extend/op.hpp"

#include "kernels/broadcast.hpp"
#include "kernels/vectors/reduction.hpp"

namespace graft::kernels::native_detail {

/// Rows of an array that may be repeated: elements from row to row, and 0 or 1 from column to column.
template <typename X>
struct OperandOf {
  const X* data;
  std::size_t row;
  std::size_t step;
};
using Operand = OperandOf<float>;
using Bf16Operand = OperandOf<std::uint16_t>;  // bfloat16

/// The operand of outer index `outer`, from row `row` on.
template <typename X>
[[nodiscard]] OperandOf<X> operand(const Broadcast& shape, const std::vector<std::size_t>& strides,
                                   const X* data, const std::size_t (&at)[2]) {
  const std::size_t row = strides[strides.size() - 2];
  return {data + shape.offset(strides, at[0]) + at[1] * row, row, strides.back()};
}

/// y (rows, width) = f(a, b); y may be the array of an operand that is not repeated. One thread.
void binary_rows(ops::BinaryKind kind, const Operand& a, const Operand& b, float* y,
                 const vectors::Rows& extents);
void binary_rows(ops::BinaryKind kind, const Bf16Operand& a, const Bf16Operand& b, std::uint16_t* y,
                 const vectors::Rows& extents);
/// dx (rows, width) = dy (rows, width) times the derivative of f by its side. One thread.
struct Sides {
  Operand a, b;
};
void partial_rows(const ops::BinaryBackward& op, const Sides& sides, const float* dy, float* dx,
                  const vectors::Rows& extents);

/// Calls body(outer index, first row, count of rows) for all rows of y in blocks, on all threads.
void for_each_row_run(const Broadcast& shape,
                      const std::function<void(std::size_t, std::size_t, std::size_t)>& body);

}  // namespace graft::kernels::native_detail
