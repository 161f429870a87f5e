// SPDX-License-Identifier: Apache-2.0
// Ops that move elements.
#include <algorithm>
#include <array>

#include "onnx/export/emitter.hpp"

namespace graft {
inline namespace onnx {
namespace {

using formats::OnnxAttribute;
using Integers = std::vector<std::int64_t>;

/// Where an axis of (N, H, W, C) is in the other order.
std::int64_t axis_in(Layout layout, int axis) {
  constexpr std::array<std::int64_t, 4> kChannelsFirst{0, 2, 3, 1};
  return layout == Layout::plain ? axis : kChannelsFirst.at(static_cast<std::size_t>(axis));
}

void emit_slice(Emitter& emitter, const ops::Op& op, const Integers& axes, const Integers& begins,
                const Integers& ends) {
  const Layout layout = emitter.layout_of(op.inputs[0]);
  Integers placed;
  for (const std::int64_t axis : axes) placed.push_back(axis_in(layout, static_cast<int>(axis)));
  emitter.define(op.outputs[0],
                 emitter.add("Slice", {emitter.in(op.inputs[0], layout), emitter.integers(begins),
                                       emitter.integers(ends), emitter.integers(placed)}),
                 layout);
}

/// One pixel: its elements have the same order in both layouts.
bool is_pixel(const Shape& shape) { return shape.rank() == 4 && shape[1] == 1 && shape[2] == 1; }

/// The graph of ops is lowered for a batch of one.
constexpr std::int64_t kBatch = 1;

/// All axes but the last.
Integers leading(const Shape& shape) { return {shape.sizes().begin(), shape.sizes().end() - 1}; }

}  // namespace

void emit(Emitter& emitter, const ops::Op& op, const ops::Crop& params) {
  const Shape& x = emitter.shape(op.inputs[0]);
  emit_slice(emitter, op, {1, 2}, {params.top, params.left}, {x[1] - params.bottom, x[2] - params.right});
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Slice& params) {
  const std::int64_t size = emitter.shape(op.outputs[0])[params.axis];
  emit_slice(emitter, op, {params.axis}, {params.begin}, {params.begin + size});
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Concatenate& params) {
  const bool turned = std::ranges::any_of(
      op.inputs, [&](ops::ValueId input) { return emitter.layout_of(input) == Layout::channels_first; });
  const Layout layout = turned ? Layout::channels_first : Layout::plain;
  Names parts;
  for (const ops::ValueId input : op.inputs) parts.push_back(emitter.in(input, layout));
  const OnnxAttribute axis =
      OnnxAttribute::of("axis", turned ? axis_in(layout, params.axis) : std::int64_t{params.axis});
  emitter.define(op.outputs[0], emitter.add("Concat", std::move(parts), {axis}), layout);
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Permute& params) {
  if (const std::optional<Tensor> elements = emitter.fixed(op.inputs[0]))
    return emitter.set_fixed(op.outputs[0], ops::permuted(*elements, params.axes));
  const Integers axes(params.axes.begin(), params.axes.end());
  emitter.define(op.outputs[0],
                 emitter.add("Transpose", {emitter.in(op.inputs[0])}, {OnnxAttribute::of("perm", axes)}));
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Reshape&) {
  const ops::ValueId x = op.inputs[0];
  const ops::ValueId y = op.outputs[0];
  const Shape& shape = emitter.shape(y);
  if (const std::optional<Tensor> elements = emitter.fixed(x))
    return emitter.set_fixed(y, elements->reshape(shape));
  const Shape rows = emitter.rows_of(x);
  const Shape whole = rows.rank() > 0 ? rows : emitter.shape(x);
  if (shape.rank() == 2 && shape[0] != kBatch && shape[1] == whole[-1]) {
    emitter.define(y, emitter.in(x));
    return emitter.set_rows(y, whole);
  }
  if (rows.rank() > 0 && shape.rank() == rows.rank() && leading(shape) == leading(rows))
    return emitter.define(y, emitter.in(x));
  // Only the first axis depends on the batch.
  Integers sizes = shape.sizes();
  sizes.front() = -1;
  const Layout from = is_pixel(emitter.shape(x)) ? emitter.layout_of(x) : Layout::plain;
  const Layout to = is_pixel(shape) ? Layout::channels_first : Layout::plain;
  if (to == Layout::channels_first) std::rotate(sizes.begin() + 1, sizes.end() - 1, sizes.end());
  emitter.define(y, emitter.add("Reshape", {emitter.in(x, from), emitter.integers(sizes)}), to);
}

}  // namespace onnx
}  // namespace graft
