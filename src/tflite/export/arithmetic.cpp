// SPDX-License-Identifier: Apache-2.0
// Products, sums and normalisations.
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/ops/permuted.hpp"

#include "tflite/export/emitter.hpp"

namespace graft {
inline namespace tflite {
namespace {

TfliteOp operator_of(ops::BinaryKind kind) {
  switch (kind) {
    case ops::BinaryKind::add:
      return TfliteOp::add;
    case ops::BinaryKind::subtract:
      return TfliteOp::sub;
    case ops::BinaryKind::multiply:
      return TfliteOp::mul;
    case ops::BinaryKind::divide:
      return TfliteOp::div;
    case ops::BinaryKind::maximum:
      return TfliteOp::maximum;
    case ops::BinaryKind::minimum:
      return TfliteOp::minimum;
    case ops::BinaryKind::prelu:
      return TfliteOp::prelu;
  }
  fail(ErrorKind::internal, "arithmetic of no known kind");
}

/// Those that apply an activation themselves.
bool has_activation(ops::BinaryKind kind) {
  return kind == ops::BinaryKind::add || kind == ops::BinaryKind::subtract ||
         kind == ops::BinaryKind::multiply;
}

bool all_are(const Tensor& values, float number) {
  return std::ranges::all_of(values.data(), [number](float value) { return value == number; });
}

/// A number where all elements are the same, else one a channel.
std::int32_t per_channel(Emitter& emitter, const Tensor& values, const char* name) {
  const auto elements = values.data();
  if (all_are(values, elements[0])) return emitter.number(elements[0]);
  return emitter.constant(values.reshape({values.count()}), name);
}

/// x scale + shift, channel by channel, as a depthwise convolution of one element. Where all channels share 8
/// bits, small scales are lost; a convolution has a scale for each, and a bias of 32 bits.
std::int32_t depthwise_affine(Emitter& emitter, std::int32_t x, const Affine& affine,
                              std::int8_t activation) {
  const Shape shape = emitter.shape_of(x);
  const std::int64_t channels = shape[-1];
  TfliteSettings settings;
  settings.activation = activation;
  return emitter.add(TfliteOp::depthwise_conv_2d,
                     {x, emitter.constant(affine.scale.reshape({1, 1, 1, channels}), "scale"),
                      emitter.constant(affine.shift.reshape({channels}), "shift")},
                     shape, settings);
}

}  // namespace

void emit(Emitter& emitter, const ops::Op& op, const ops::Dense& params) {
  using In = ops::Dense::In;
  const std::optional<Tensor> kernel = emitter.fixed(op.in(In::kernel));
  if (!kernel) emitter.refuse("has a kernel that is computed for each photo");
  const std::int32_t x = emitter.in(op.in(In::x));
  Shape to = emitter.shape_of(x);
  to.set(-1, kernel->shape()[1]);
  TfliteSettings settings;
  settings.activation = own_activation(params.activation);
  settings.keep_dims = to.rank() > 2;
  const std::int32_t bias = op.in(In::bias) == ops::kAbsent
                                ? emitter.constant(Tensor({kernel->shape()[1]}), op.layer + "/bias")
                                : emitter.in(op.in(In::bias));
  const std::int32_t y = emitter.add(
      TfliteOp::fully_connected,
      {x, emitter.kernel(ops::permuted(*kernel, {1, 0}), emitter.name_of(op.in(In::kernel), "kernel")), bias},
      to, settings);
  emitter.define(op.outputs[0], finish(emitter, params.activation, y));
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Softmax&) {
  const std::int32_t x = emitter.in(op.inputs[0]);
  emitter.define(op.outputs[0], emitter.add(TfliteOp::softmax, {x}, emitter.shape_of(x)));
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Binary& params) {
  TfliteSettings settings;
  const bool own = has_activation(params.kind) && fused(params.activation);
  if (own) settings.activation = own_activation(params.activation);
  const std::int32_t y =
      emitter.add(operator_of(params.kind), {emitter.in(op.inputs[0]), emitter.in(op.inputs[1])},
                  emitter.shape(op.outputs[0]), settings);
  if (own || params.activation.is_linear()) return emitter.define(op.outputs[0], y);
  if (fused(params.activation)) emitter.refuse("applies an activation to a maximum");
  emitter.define(op.outputs[0], finish(emitter, params.activation, y));
}

void emit(Emitter& emitter, const ops::Op& op, const ops::ScaleShift& params) {
  using In = ops::ScaleShift::In;
  const std::optional<Tensor> scale = emitter.fixed(op.in(In::scale));
  const std::optional<Tensor> shift = emitter.fixed(op.in(In::shift));
  if (!scale || !shift) emitter.refuse("scales by numbers that are computed for each photo");
  std::int32_t y = emitter.in(op.in(In::x));
  const Shape to = emitter.shape_of(y);
  TfliteSettings settings;
  settings.activation = own_activation(params.activation);
  if (emitter.is_int8() && to.rank() == 4 && scale->count() == to[-1] && shift->count() == to[-1]) {
    y = depthwise_affine(emitter, y, {.scale = *scale, .shift = *shift}, settings.activation);
    return emitter.define(op.outputs[0], finish(emitter, params.activation, y));
  }
  if (!all_are(*scale, 1)) y = emitter.add(TfliteOp::mul, {y, per_channel(emitter, *scale, "scale")}, to);
  const bool shifts = !all_are(*shift, 0) || settings.activation != 0;
  if (shifts)
    y = emitter.add(TfliteOp::add, {y, per_channel(emitter, *shift, "shift")}, Shape(emitter.shape_of(y)),
                    settings);
  emitter.define(op.outputs[0], finish(emitter, params.activation, y));
}

// (x - mean) / sqrt(mean((x - mean)^2) + epsilon) over the elements of each group of channels.
void emit(Emitter& emitter, const ops::Op& op, const ops::GroupNormalization& params) {
  using In = ops::GroupNormalization::In;
  std::int32_t y = emitter.in(op.in(In::x));
  const Shape shape = emitter.shape_of(y);
  const Shape rows = emitter.graph().shape(op.in(In::x));
  const bool whole = rows.rank() == 2 && params.groups == 1;
  const std::int64_t channels = shape[-1];
  Shape inner = shape;
  if (!whole) {
    const std::int64_t places = rows.count() / rows[0] / channels;
    inner = Shape{-1, places, params.groups, channels / params.groups};
    y = emitter.add(
        TfliteOp::reshape,
        {y, emitter.integers({-1, static_cast<std::int32_t>(places), static_cast<std::int32_t>(params.groups),
                              static_cast<std::int32_t>(channels / params.groups)})},
        inner);
  }
  Shape reduced = inner;
  reduced.set(-1, 1);
  if (!whole) reduced.set(1, 1);
  const std::int32_t axes =
      emitter.integers(whole ? std::vector<std::int32_t>{static_cast<std::int32_t>(inner.rank() - 1)}
                             : std::vector<std::int32_t>{1, 3});
  TfliteSettings keep;
  keep.keep_dims = true;
  const std::int32_t mean = emitter.add(TfliteOp::mean, {y, axes}, reduced, keep);
  const std::int32_t squares = emitter.add(TfliteOp::squared_difference, {y, mean}, inner);
  const std::int32_t variance = emitter.add(TfliteOp::mean, {squares, axes}, reduced, keep);
  const std::int32_t root =
      emitter.add(TfliteOp::sqrt,
                  {emitter.add(TfliteOp::add, {variance, emitter.number(params.epsilon)}, reduced)}, reduced);
  y = emitter.add(TfliteOp::div, {emitter.add(TfliteOp::sub, {y, mean}, inner), root}, inner);
  if (!whole) {
    std::vector<std::int32_t> sizes(shape.sizes().begin(), shape.sizes().end());
    y = emitter.add(TfliteOp::reshape, {y, emitter.integers(sizes)}, shape);
  }
  if (op.in(In::gamma) != ops::kAbsent)
    y = emitter.add(TfliteOp::mul, {y, emitter.in(op.in(In::gamma))}, shape);
  if (op.in(In::beta) != ops::kAbsent)
    y = emitter.add(TfliteOp::add, {y, emitter.in(op.in(In::beta))}, shape);
  emitter.define(op.outputs[0], y);
}

}  // namespace tflite
}  // namespace graft
