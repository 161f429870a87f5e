// SPDX-License-Identifier: Apache-2.0
// Products, sums, activations and normalisations.
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/models/inference_graph.hpp"

#include "onnx/export/emitter.hpp"
#include "onnx/export/int8.hpp"

namespace graft {
inline namespace onnx {
namespace {

using formats::OnnxAttribute;
using Integers = std::vector<std::int64_t>;

const char* node_of(ops::BinaryKind kind) {
  switch (kind) {
    case ops::BinaryKind::add:
      return "Add";
    case ops::BinaryKind::subtract:
      return "Sub";
    case ops::BinaryKind::multiply:
      return "Mul";
    case ops::BinaryKind::divide:
      return "Div";
    case ops::BinaryKind::maximum:
      return "Max";
    case ops::BinaryKind::minimum:
      return "Min";
    case ops::BinaryKind::prelu:
      return "PRelu";
  }
  fail(ErrorKind::internal, "arithmetic of no known kind");
}

/// x, kernel and, where there is one, bias. A bias of rows is added to their sums, in float32.
Names dense_inputs(Emitter& emitter, const ops::Op& op, bool rows) {
  using In = ops::Dense::In;
  const std::optional<Tensor> kernel = emitter.fixed(op.in(In::kernel));
  const bool has_bias = op.in(In::bias) != ops::kAbsent;
  if (!kernel || !emitter.multiplies_int8(op)) {
    Names inputs{emitter.in(op.in(In::x)), emitter.in(op.in(In::kernel))};
    if (has_bias) inputs.push_back(emitter.in(op.in(In::bias)));
    return inputs;
  }
  const ops::WeightValue* weight = emitter.graph().value(op.in(In::kernel)).weight();
  const std::string name = weight != nullptr ? weight->variable->path() : "kernel";
  const std::optional<Tensor> bias = has_bias && !rows ? emitter.fixed(op.in(In::bias)) : std::nullopt;
  const float x_scale = emitter.int8_input(op)->scale;
  const Int8Kernel rounded = rounded_kernel(*kernel, bias ? &*bias : nullptr, x_scale);
  Names inputs{emitter.in_int8(op.in(In::x)),
               emit_dequantized(emitter, rounded.elements, rounded.scales, 1, name)};
  if (!has_bias) return inputs;
  inputs.push_back(bias ? emit_int8_bias(emitter, *bias, rounded, x_scale, name)
                        : emitter.in(op.in(In::bias)));
  return inputs;
}

}  // namespace

void emit(Emitter& emitter, const ops::Op& op, const ops::Dense& params) {
  const bool rows = emitter.rows_of(op.in(ops::Dense::In::x)).rank() > 0;
  Names inputs = dense_inputs(emitter, op, rows);
  std::string y;
  if (rows) {
    y = emitter.add("MatMul", {inputs[0], inputs[1]});
    if (inputs.size() == 3) y = emitter.add("Add", {y, inputs[2]});
  } else {
    y = emitter.add("Gemm", std::move(inputs));
  }
  emitter.define(op.outputs[0], emit_activation(emitter, params.activation, y));
}

void emit(Emitter& emitter, const ops::Op& op, const ops::MatMul& params) {
  const auto factor = [&](ops::ValueId value, bool turned) {
    std::string name = emitter.in(value);
    if (!turned) return name;
    const auto rank = static_cast<std::int64_t>(emitter.shape(value).rank());
    Integers order;
    for (std::int64_t axis = 0; axis + 2 < rank; ++axis) order.push_back(axis);
    order.insert(order.end(), {rank - 1, rank - 2});
    return emitter.add("Transpose", {name}, {OnnxAttribute::of("perm", order)});
  };
  using In = ops::MatMul::In;
  emitter.define(op.outputs[0], emitter.add("MatMul", {factor(op.in(In::a), params.transpose_a),
                                                       factor(op.in(In::b), params.transpose_b)}));
}

void emit(Emitter& emitter, const ops::Op& op, const ops::ActivationForward& params) {
  const Layout layout = emitter.layout_of(op.inputs[0]);
  emitter.define(op.outputs[0], emit_activation(emitter, params.activation, emitter.in(op.inputs[0], layout)),
                 layout);
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Softmax&) {
  emitter.define(op.outputs[0], emitter.add("Softmax", {emitter.in(op.inputs[0])},
                                            {OnnxAttribute::of("axis", std::int64_t{-1})}));
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Binary& params) {
  const auto turned = [&](ops::ValueId x) { return emitter.layout_of(x) == Layout::channels_first; };
  const Layout layout = std::ranges::any_of(op.inputs, turned) ? Layout::channels_first : Layout::plain;
  const std::string y =
      emitter.add(node_of(params.kind), {emitter.in(op.inputs[0], layout), emitter.in(op.inputs[1], layout)});
  emitter.define(op.outputs[0], emit_activation(emitter, params.activation, y), layout);
}

void emit(Emitter& emitter, const ops::Op& op, const ops::BatchNormalizationScaleShift& params) {
  std::vector<Tensor> given;
  for (const ops::ValueId input : op.inputs) {
    const std::optional<Tensor> elements = emitter.fixed(input);
    if (!elements) emitter.refuse("normalises by statistics that are computed for each photo");
    given.push_back(*elements);
  }
  const ScaleAndShift affine = scale_and_shift(given, params.epsilon);
  emitter.set_fixed(op.outputs[0], affine.scale);
  emitter.set_fixed(op.outputs[1], affine.shift);
}

namespace {

/// The op that made scale and shift of a BatchNormalization, or null.
const ops::Op* normalization_of(const Emitter& emitter, ops::ValueId scale) {
  for (const ops::Op& op : emitter.graph().ops()) {
    if (std::holds_alternative<ops::BatchNormalizationScaleShift>(op.params) && op.outputs[0] == scale)
      return &op;
  }
  return nullptr;
}

/// A number where all elements are the same, else one a channel.
std::string per_channel(Emitter& emitter, const Tensor& values, Layout layout, const char* name) {
  const auto elements = values.data();
  if (std::ranges::all_of(elements, [&](float value) { return value == elements[0]; }))
    return emitter.number(elements[0]);
  const std::int64_t channels = values.count();
  return emitter.constant(values.reshape(layout == Layout::plain ? Shape{channels} : Shape{channels, 1, 1}),
                          name);
}

bool all_are(const Tensor& values, float number) {
  return std::ranges::all_of(values.data(), [number](float value) { return value == number; });
}

std::string emit_affine(Emitter& emitter, const ops::Op& op, Layout layout) {
  using In = ops::ScaleShift::In;
  const std::optional<Tensor> scale = emitter.fixed(op.in(In::scale));
  const std::optional<Tensor> shift = emitter.fixed(op.in(In::shift));
  if (!scale || !shift) emitter.refuse("scales by numbers that are computed for each photo");
  std::string y = emitter.in(op.in(In::x), layout);
  if (!all_are(*scale, 1)) y = emitter.add("Mul", {y, per_channel(emitter, *scale, layout, "scale")});
  if (!all_are(*shift, 0)) y = emitter.add("Add", {y, per_channel(emitter, *shift, layout, "shift")});
  return y;
}

}  // namespace

void emit(Emitter& emitter, const ops::Op& op, const ops::ScaleShift& params) {
  using In = ops::ScaleShift::In;
  const ops::ValueId x = op.in(In::x);
  const std::size_t rank = emitter.shape(x).rank();
  if (emitter.joined_after(x) != nullptr) {
    const std::string y = emit_activation(emitter, params.activation, emitter.in(x, Layout::channels_first));
    return emitter.define(op.outputs[0], y, Layout::channels_first);
  }
  const ops::Op* statistics = normalization_of(emitter, op.in(In::scale));
  // Variances may be too small or too large for float16: there the layer becomes a product and a sum.
  const bool as_layer =
      statistics != nullptr && (rank == 4 || rank == 2) && !emitter.half() && emitter.rows_of(x).rank() == 0;
  const Layout layout = as_layer && rank == 4 ? Layout::channels_first : emitter.layout_of(x);
  std::string y;
  if (as_layer) {
    Names inputs{emitter.in(x, layout)};
    for (const ops::ValueId input : statistics->inputs) inputs.push_back(emitter.in(input));
    const float epsilon = std::get<ops::BatchNormalizationScaleShift>(statistics->params).epsilon;
    y = emitter.add("BatchNormalization", std::move(inputs), {OnnxAttribute::of("epsilon", epsilon)});
  } else {
    y = emit_affine(emitter, op, layout);
  }
  emitter.define(op.outputs[0], emit_activation(emitter, params.activation, y), layout);
}

// (x - mean) / sqrt(mean((x - mean)^2) + epsilon) over the elements of each group of channels.
void emit(Emitter& emitter, const ops::Op& op, const ops::GroupNormalization& params) {
  using In = ops::GroupNormalization::In;
  const ops::ValueId x = op.in(In::x);
  const Shape& shape = emitter.shape(x);
  const std::int64_t channels = shape[-1];
  const auto scaled = [&](std::string y) {
    if (op.in(In::gamma) != ops::kAbsent) y = emitter.add("Mul", {y, emitter.in(op.in(In::gamma))});
    if (op.in(In::beta) != ops::kAbsent) y = emitter.add("Add", {y, emitter.in(op.in(In::beta))});
    return y;
  };
  std::string y = emitter.in(x);
  const bool whole = shape.rank() == 2 && params.groups == 1;
  if (!whole) {
    const std::int64_t places = shape.count() / shape[0] / channels;
    y = emitter.add("Reshape", {y, emitter.integers({-1, places, params.groups, channels / params.groups})});
  }
  const Attributes over{OnnxAttribute::of("axes", whole ? Integers{-1} : Integers{1, 3}),
                        OnnxAttribute::of("keepdims", std::int64_t{1})};
  const std::string centred = emitter.add("Sub", {y, emitter.add("ReduceMean", {y}, over)});
  const std::string squares = emitter.add("Mul", {centred, centred});
  const std::string variance =
      emitter.add("Add", {emitter.add("ReduceMean", {squares}, over), emitter.number(params.epsilon)});
  y = emitter.add("Div", {centred, emitter.add("Sqrt", {variance})});
  if (!whole) {
    Integers sizes = shape.sizes();
    sizes.front() = -1;
    y = emitter.add("Reshape", {y, emitter.integers(sizes)});
  }
  emitter.define(op.outputs[0], scaled(y));
}

}  // namespace onnx
}  // namespace graft
