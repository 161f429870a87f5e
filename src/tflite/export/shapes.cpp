// SPDX-License-Identifier: Apache-2.0
// Ops that move elements.
#include <algorithm>

#include "graft/ops/permuted.hpp"

#include "tflite/export/emitter.hpp"

namespace graft {
inline namespace tflite {
namespace {

/// The graph of ops is lowered for a batch of one.
constexpr std::int64_t kBatch = 1;

/// All axes but the last.
std::vector<std::int64_t> leading(const Shape& shape) {
  return {shape.sizes().begin(), shape.sizes().end() - 1};
}

/// Elements [begin, begin + size) of two axes; the others are whole.
void emit_slice(Emitter& emitter, const ops::Op& op, const Integers32& begin) {
  const Shape to = emitter.shape(op.outputs[0]);
  Integers32 size;
  for (const std::int64_t one : to.sizes()) size.push_back(narrow(one));  // -1: to the end
  emitter.define(
      op.outputs[0],
      emitter.add(TfliteOp::slice,
                  {emitter.in(op.inputs[0]), emitter.integers(begin), emitter.integers(size)}, to));
}

}  // namespace

void emit(Emitter& emitter, const ops::Op& op, const ops::Crop& params) {
  emit_slice(emitter, op, {0, narrow(params.top), narrow(params.left), 0});
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Slice& params) {
  Integers32 begin(emitter.shape(op.outputs[0]).rank(), 0);
  if (params.axis == 0) emitter.refuse("takes a part of the batch");
  begin[static_cast<std::size_t>(params.axis)] = narrow(params.begin);
  emit_slice(emitter, op, begin);
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Concatenate& params) {
  Places parts;
  for (const ops::ValueId input : op.inputs) parts.push_back(emitter.in(input));
  TfliteSettings settings;
  settings.axis = params.axis;
  emitter.define(op.outputs[0], emitter.add(TfliteOp::concatenation, std::move(parts),
                                            emitter.shape(op.outputs[0]), settings));
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Permute& params) {
  if (const std::optional<Tensor> elements = emitter.fixed(op.inputs[0]))
    return emitter.set_fixed(op.outputs[0], ops::permuted(*elements, params.axes));
  const Integers32 axes(params.axes.begin(), params.axes.end());
  emitter.define(op.outputs[0],
                 emitter.add(TfliteOp::transpose, {emitter.in(op.inputs[0]), emitter.integers(axes)},
                             emitter.shape(op.outputs[0])));
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Reshape&) {
  const ops::ValueId x = op.inputs[0];
  const ops::ValueId y = op.outputs[0];
  const Shape& shape = emitter.graph().shape(y);
  if (const std::optional<Tensor> elements = emitter.fixed(x))
    return emitter.set_fixed(y, elements->reshape(shape));
  const Shape rows = emitter.rows_of(x);
  const Shape whole = rows.rank() > 0 ? rows : emitter.graph().shape(x);
  if (shape.rank() == 2 && shape[0] != kBatch && shape[1] == whole[-1]) {
    emitter.define(y, emitter.in(x));
    return emitter.set_rows(y, whole);
  }
  if (rows.rank() > 0 && shape.rank() == rows.rank() && leading(shape) == leading(rows))
    return emitter.define(y, emitter.in(x));
  // Only the first axis depends on the batch.
  Shape to = shape;
  to.set(0, -1);
  const Integers32 sizes(to.sizes().begin(), to.sizes().end());
  emitter.define(y, emitter.add(TfliteOp::reshape, {emitter.in(x), emitter.integers(sizes)}, to));
}

}  // namespace tflite
}  // namespace graft
