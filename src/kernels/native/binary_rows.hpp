// SPDX-License-Identifier: Apache-2.0
// What Binary, its gradient and Dropout with shared draws do with a few rows.
#pragma once

#include <cstddef>

#include "graft/ops/op.hpp"

#include "kernels/broadcast.hpp"
#include "kernels/native/reduction.hpp"

namespace graft::kernels::native_detail {

/// Rows of an array that may stand still: elements from row to row, and 0 or 1 from column to column.
struct Operand {
  const float* data;
  std::size_t row;
  std::size_t step;
};

/// The operand of outer index `outer`, from row `row` on.
[[nodiscard]] Operand operand(const Broadcast& shape, const std::vector<std::size_t>& strides,
                              const float* data, const std::size_t (&at)[2]);

/// y (rows, width) = f(a, b); y may be the array of an operand that does not stand. One thread.
void binary_rows(ops::BinaryKind kind, const Operand& a, const Operand& b, float* y,
                 const loops::Rows& extents);
/// dx (rows, width) = dy (rows, width) times the derivative of f by its side. One thread.
struct Sides {
  Operand a, b;
};
void partial_rows(const ops::BinaryBackward& op, const Sides& sides, const float* dy, float* dx,
                  const loops::Rows& extents);

/// Calls body(outer index, first row, count of rows) for all rows of y in blocks, on all threads.
void for_each_row_run(const Broadcast& shape,
                      const std::function<void(std::size_t, std::size_t, std::size_t)>& body);

}  // namespace graft::kernels::native_detail
