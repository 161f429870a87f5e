// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/native/ops/binary_rows.hpp"
#include "kernels/vectors/convert.hpp"
#include "kernels/vectors/loops.hpp"

namespace graft::kernels::native_detail {
namespace {

using ops::BinaryKind;
using vectors::put;
using vectors::widen;

/// y = f(a, b). The pragma states what the compiler cannot see: where y is an operand's array, each element
/// is read before it is written and never after.
template <typename X, typename F>
[[gnu::always_inline]] inline void rows_of(const OperandOf<X>& a, const OperandOf<X>& b, X* y,
                                           const vectors::Rows& extents, const F& f) {
  const std::size_t width = extents.channels;
  for (std::size_t r = 0; r < extents.rows; ++r) {
    const X* x = a.data + r * a.row;
    const X* z = b.data + r * b.row;
    X* to = y + r * width;
    if (a.step == 1 && b.step == 1) {
#pragma GCC ivdep
      for (std::size_t i = 0; i < width; ++i) put(f(widen(x[i]), widen(z[i])), to[i]);
    } else if (a.step == 1) {
      const float standing = widen(*z);
#pragma GCC ivdep
      for (std::size_t i = 0; i < width; ++i) put(f(widen(x[i]), standing), to[i]);
    } else {
      const float standing = widen(*x);
#pragma GCC ivdep
      for (std::size_t i = 0; i < width; ++i) put(f(standing, widen(z[i * b.step])), to[i]);
    }
  }
}

template <typename X>
[[gnu::always_inline]] inline void all_rows(BinaryKind kind, const OperandOf<X>& a, const OperandOf<X>& b,
                                            X* y, const vectors::Rows& extents) {
  switch (kind) {
    case BinaryKind::add:
      return rows_of(a, b, y, extents, [](float p, float q) { return p + q; });
    case BinaryKind::subtract:
      return rows_of(a, b, y, extents, [](float p, float q) { return p - q; });
    case BinaryKind::multiply:
      return rows_of(a, b, y, extents, [](float p, float q) { return p * q; });
    case BinaryKind::divide:
      return rows_of(a, b, y, extents, [](float p, float q) { return p / q; });
    case BinaryKind::maximum:
      return rows_of(a, b, y, extents, [](float p, float q) { return p >= q ? p : q; });
    case BinaryKind::minimum:
      return rows_of(a, b, y, extents, [](float p, float q) { return p <= q ? p : q; });
    case BinaryKind::prelu:
      return rows_of(a, b, y, extents, [](float p, float q) { return p > 0.0F ? p : p * q; });
  }
}

}  // namespace

GRAFT_CLONES void binary_rows(BinaryKind kind, const Operand& a, const Operand& b, float* y,
                              const vectors::Rows& extents) {
  all_rows(kind, a, b, y, extents);
}
GRAFT_CLONES void binary_rows(BinaryKind kind, const Bf16Operand& a, const Bf16Operand& b, std::uint16_t* y,
                              const vectors::Rows& extents) {
  all_rows(kind, a, b, y, extents);
}

void for_each_row_run(const Broadcast& shape,
                      const std::function<void(std::size_t, std::size_t, std::size_t)>& body) {
  const std::size_t rows = shape.rows();
  vectors::for_each_row_block(shape.outer() * rows, shape.width(), [&](std::size_t begin, std::size_t end) {
    while (begin < end) {
      const std::size_t count = std::min(end - begin, rows - begin % rows);
      body(begin / rows, begin % rows, count);
      begin += count;
    }
  });
}

namespace {

Broadcast checked_broadcast(const Spec& spec) {
  using In = ops::Binary::In;
  using Out = ops::Binary::Out;
  const Shape& y = spec.out(Out::y).shape;
  check_broadcast(spec, spec.in(In::a).shape, y);
  check_broadcast(spec, spec.in(In::b).shape, y);
  return {spec.in(In::a).shape, spec.in(In::b).shape, y};
}

/// Residual sums, the frequent case: no operand is broadcast, so that the arrays are one long row.
bool is_plain_sum(const ops::Binary& op, const Spec& spec) {
  const Shape& y = spec.out(ops::Binary::Out::y).shape;
  return op.kind == BinaryKind::add && spec.in(ops::Binary::In::a).shape == y &&
         spec.in(ops::Binary::In::b).shape == y;
}

Function plain_sum(const ops::Binary& op, const Spec& spec) {
  using In = ops::Binary::In;
  using Out = ops::Binary::Out;
  return [activation = op.activation, count = elements(spec.out(Out::y).shape)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    vectors::add(activation, in(inputs, In::a), in(inputs, In::b), out(outputs, Out::y), count);
  };
}

}  // namespace

Function function_of(const ops::Binary& op, const Spec& spec) {
  using In = ops::Binary::In;
  using Out = ops::Binary::Out;
  if (is_plain_sum(op, spec)) return plain_sum(op, spec);
  return [op, shape = checked_broadcast(spec)](const RunContext&, Inputs inputs, Outputs outputs) {
    const std::size_t width = shape.width();
    for_each_row_run(shape, [&](std::size_t outer, std::size_t row, std::size_t count) {
      float* to = out(outputs, Out::y) + (outer * shape.rows() + row) * width;
      binary_rows(op.kind, operand(shape, shape.a, in(inputs, In::a), {outer, row}),
                  operand(shape, shape.b, in(inputs, In::b), {outer, row}), to, {count, width});
      if (!op.activation.is_linear()) vectors::activate_block(op.activation, to, to, count * width);
    });
  };
}

Function bf16_function_of(const ops::Binary& op, const Spec& spec) {
  using In = ops::Binary::In;
  using Out = ops::Binary::Out;
  if (is_plain_sum(op, spec)) return bf16_sum_of(op, spec);
  const auto is_bfloat16 = [](const Argument& argument) { return argument.dtype == DType::bfloat16; };
  const bool all_bfloat16 =
      is_bfloat16(spec.in(In::a)) && is_bfloat16(spec.in(In::b)) && is_bfloat16(spec.out(Out::y));
  if (!all_bfloat16 || !op.activation.is_linear()) return {};
  return [kind = op.kind, shape = checked_broadcast(spec)](const RunContext&, Inputs inputs,
                                                           Outputs outputs) {
    const auto* a = in<std::uint16_t>(inputs, In::a);
    const auto* b = in<std::uint16_t>(inputs, In::b);
    auto* y = out<std::uint16_t>(outputs, Out::y);
    for_each_row_run(shape, [&](std::size_t outer, std::size_t row, std::size_t count) {
      binary_rows(kind, operand(shape, shape.a, a, {outer, row}), operand(shape, shape.b, b, {outer, row}),
                  y + (outer * shape.rows() + row) * shape.width(), {count, shape.width()});
    });
  };
}

}  // namespace graft::kernels::native_detail
