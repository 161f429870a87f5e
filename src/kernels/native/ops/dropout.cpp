// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/native/ops/binary_rows.hpp"
#include "kernels/random_draws.hpp"
#include "kernels/vectors/loops.hpp"

namespace graft::kernels::native_detail {
namespace {

GRAFT_CLONES void dropout_block(const DropoutMask& mask, float scale, const float* x, float* y,
                                const vectors::Range& range) {
  const DropoutMask local = mask;
  for (std::size_t i = range.begin; i < range.end; ++i) {
    y[i] = local.keeps(static_cast<std::uint32_t>(i)) ? x[i] * scale : 0.0F;
  }
}

/// One draw for many elements: the draws are made first, then every element is multiplied with its own.
Function shared_dropout(const ops::Dropout& op, const Shape& x) {
  using In = ops::Dropout::In;
  using Out = ops::Dropout::Out;
  const Shape drawn = drawn_shape(op, x);
  return [op, shape = Broadcast(x, drawn, x), factors = std::vector<float>(elements(drawn))](
             const RunContext& context, Inputs inputs, Outputs outputs) mutable {
    const DropoutMask mask(op, context);
    for (std::size_t i = 0; i < factors.size(); ++i)
      factors[i] = mask.keeps(static_cast<std::uint32_t>(i)) ? dropout_scale(op) : 0.0F;
    for_each_row_run(shape, [&](std::size_t outer, std::size_t row, std::size_t count) {
      binary_rows(ops::BinaryKind::multiply, operand(shape, shape.a, in(inputs, In::x), {outer, row}),
                  operand(shape, shape.b, factors.data(), {outer, row}),
                  out(outputs, Out::y) + (outer * shape.rows() + row) * shape.width(),
                  {count, shape.width()});
    });
  };
}

}  // namespace

Function function_of(const ops::Dropout& op, const Spec& spec) {
  using In = ops::Dropout::In;
  using Out = ops::Dropout::Out;
  const Shape& shape = spec.out(Out::y).shape;
  if (op.shared_axes != 0) return shared_dropout(op, shape);
  return [op, count = elements(shape)](const RunContext& context, Inputs inputs, Outputs outputs) {
    const DropoutMask mask(op, context);
    const float scale = dropout_scale(op);
    parallel_for(count, vectors::kGrain, [&](std::size_t begin, std::size_t end) {
      dropout_block(mask, scale, in(inputs, In::x), out(outputs, Out::y), {begin, end});
    });
  };
}

Function function_of(const ops::GaussianNoise& op, const Spec& spec) {
  using In = ops::GaussianNoise::In;
  using Out = ops::GaussianNoise::Out;
  return [op, count = elements(spec.out(Out::y).shape)](const RunContext& context, Inputs inputs,
                                                        Outputs outputs) {
    const float* x = in(inputs, In::x);
    float* y = out(outputs, Out::y);
    parallel_for(count, vectors::kBlock, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) y[i] = x[i] + op.deviation * draw_normal(op, context, i);
    });
  };
}

}  // namespace graft::kernels::native_detail
