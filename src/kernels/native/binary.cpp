// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/parallel.hpp"

#include "kernels/native/binary_rows.hpp"
#include "kernels/native/functions.hpp"
#include "kernels/native/loops.hpp"
#include "kernels/native/target_clones.hpp"

namespace graft::kernels::native_detail {
namespace {

using ops::BinaryKind;

/// y = f(a, b). The pragma says what the compiler cannot see: where y is an operand's array, each element is
/// read before it is written and never after.
template <typename F>
[[gnu::always_inline]] inline void rows_of(const Operand& a, const Operand& b, float* y,
                                           const loops::Rows& extents, const F& f) {
  const std::size_t width = extents.channels;
  for (std::size_t r = 0; r < extents.rows; ++r) {
    const float* x = a.data + r * a.row;
    const float* z = b.data + r * b.row;
    float* to = y + r * width;
    if (a.step == 1 && b.step == 1) {
#pragma GCC ivdep
      for (std::size_t i = 0; i < width; ++i) to[i] = f(x[i], z[i]);
    } else if (a.step == 1) {
      const float standing = *z;
#pragma GCC ivdep
      for (std::size_t i = 0; i < width; ++i) to[i] = f(x[i], standing);
    } else {
      const float standing = *x;
#pragma GCC ivdep
      for (std::size_t i = 0; i < width; ++i) to[i] = f(standing, z[i * b.step]);
    }
  }
}

}  // namespace

GRAFT_CLONES void binary_rows(BinaryKind kind, const Operand& a, const Operand& b, float* y,
                              const loops::Rows& extents) {
  switch (kind) {
    case BinaryKind::add:
      return rows_of(a, b, y, extents, [](float p, float q) { return p + q; });
    case BinaryKind::subtract:
      return rows_of(a, b, y, extents, [](float p, float q) { return p - q; });
    case BinaryKind::multiply:
      return rows_of(a, b, y, extents, [](float p, float q) { return p * q; });
    case BinaryKind::maximum:
      return rows_of(a, b, y, extents, [](float p, float q) { return p >= q ? p : q; });
    case BinaryKind::minimum:
      return rows_of(a, b, y, extents, [](float p, float q) { return p <= q ? p : q; });
    case BinaryKind::prelu:
      return rows_of(a, b, y, extents, [](float p, float q) { return p > 0.0F ? p : p * q; });
  }
}

Operand operand(const Broadcast& shape, const std::vector<std::size_t>& strides, const float* data,
                const std::size_t (&at)[2]) {
  const std::size_t row = strides[strides.size() - 2];
  return {data + shape.offset(strides, at[0]) + at[1] * row, row, strides.back()};
}

void for_each_row_run(const Broadcast& shape,
                      const std::function<void(std::size_t, std::size_t, std::size_t)>& body) {
  const std::size_t rows = shape.rows();
  loops::for_each_row_block(shape.outer() * rows, shape.width(), [&](std::size_t begin, std::size_t end) {
    while (begin < end) {
      const std::size_t count = std::min(end - begin, rows - begin % rows);
      body(begin / rows, begin % rows, count);
      begin += count;
    }
  });
}

Function function_of(const ops::Binary& op, const Spec& spec) {
  const Shape& y = spec.outputs[0].shape;
  check_broadcast(spec, spec.inputs[0].shape, y);
  check_broadcast(spec, spec.inputs[1].shape, y);
  return [op, shape = Broadcast(spec.inputs[0].shape, spec.inputs[1].shape, y)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    const std::size_t width = shape.width();
    for_each_row_run(shape, [&](std::size_t outer, std::size_t row, std::size_t count) {
      float* to = outputs[0] + (outer * shape.rows() + row) * width;
      binary_rows(op.kind, operand(shape, shape.a, inputs[0], {outer, row}),
                  operand(shape, shape.b, inputs[1], {outer, row}), to, {count, width});
      if (!op.activation.is_linear()) loops::activate_block(op.activation, to, to, count * width);
    });
  };
}

}  // namespace graft::kernels::native_detail
