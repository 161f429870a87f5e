// SPDX-License-Identifier: Apache-2.0
// Products, sums and normalisations as TensorFlow.js's layers.
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/layers.hpp"

#include "saving/tfjs/emitter.hpp"

namespace graft {
inline namespace saving {
namespace {

/// The op that made scale and shift of a BatchNormalization, or null.
const ops::Op* statistics_of(const TfjsEmitter& emitter, ops::ValueId scale) {
  for (const ops::Op& op : emitter.graph().ops()) {
    if (std::holds_alternative<ops::BatchNormalizationScaleShift>(op.params) && op.outputs[0] == scale)
      return &op;
  }
  return nullptr;
}

/// Numbers of the model beside a value: one for all elements, or one a channel.
Tensor per_channel(const TfjsEmitter& emitter, const Tensor& numbers, std::int64_t channels) {
  const bool fits = numbers.count() == channels && (channels == 1 || numbers.shape()[-1] == channels);
  if (fits) return numbers.reshape({channels});
  if (numbers.count() == 1) return Tensor::full({channels}, numbers.data()[0]);
  emitter.refuse(cat("computes with numbers of the shape ", numbers.shape(), ", not one a channel"));
}

Tensor negative(const Tensor& numbers) {
  Tensor result = numbers.clone();
  for (float& number : result.data()) number = -number;
  return result;
}

Tensor numbers_like(const Tensor& other, float value) { return Tensor::full(other.shape(), value); }

SymbolicTensor prelu(TfjsEmitter& emitter, const SymbolicTensor& x, const Tensor& alpha) {
  std::vector<std::int64_t> shared;
  const bool whole = x.shape.rank() > 1 && alpha.count() == x.shape.without_batch().count();
  for (std::size_t axis = 1; !whole && axis + 1 < x.shape.rank(); ++axis)
    shared.push_back(static_cast<std::int64_t>(axis));
  const Tensor numbers = whole ? alpha : per_channel(emitter, alpha, x.shape[-1]);
  return emitter.call(layers::PReLU({.shared_axes = shared, .name = emitter.name()}), x, {numbers});
}

/// f(x, numbers of the model), or f(numbers, x) where first.
SymbolicTensor with_numbers(TfjsEmitter& emitter, ops::BinaryKind kind, const SymbolicTensor& x,
                            const Tensor& given, bool first) {
  if (kind == ops::BinaryKind::prelu) {
    if (first) emitter.refuse("has slopes that are computed for each photo");
    return prelu(emitter, x, given);
  }
  const Tensor numbers = per_channel(emitter, given, x.shape[-1]);
  const Tensor one = numbers_like(numbers, 1);
  const Tensor minus = numbers_like(numbers, -1);
  const auto larger = [&](const SymbolicTensor& y, const Tensor& least) {
    const SymbolicTensor above = emitter.affine(y, one, negative(least));
    return emitter.affine(emitter.apply("relu", above), one, least);
  };
  switch (kind) {
    case ops::BinaryKind::add:
      return emitter.affine(x, one, numbers);
    case ops::BinaryKind::subtract:
      return first ? emitter.affine(x, minus, numbers) : emitter.affine(x, one, negative(numbers));
    case ops::BinaryKind::multiply:
      return emitter.affine(x, numbers, numbers_like(numbers, 0));
    case ops::BinaryKind::divide:
      emitter.refuse("divides by a value");
    case ops::BinaryKind::maximum:
      return larger(x, numbers);
    case ops::BinaryKind::minimum:
      return emitter.affine(larger(emitter.affine(x, -1, 0), negative(numbers)), -1, 0);
    case ops::BinaryKind::prelu:
      break;
  }
  fail(ErrorKind::internal, "arithmetic of no known kind");
}

SymbolicTensor of_two(TfjsEmitter& emitter, ops::BinaryKind kind, const SymbolicTensor& a,
                      const SymbolicTensor& b) {
  switch (kind) {
    case ops::BinaryKind::add:
      return emitter.add(a, b);
    case ops::BinaryKind::subtract:
      return emitter.add(a, emitter.affine(b, -1, 0));
    case ops::BinaryKind::multiply:
      return emitter.multiply(a, b);
    case ops::BinaryKind::divide:
      emitter.refuse("divides by a value");
    case ops::BinaryKind::maximum:
      return layers::Maximum(emitter.name())(emitter.two(a, b));
    case ops::BinaryKind::minimum:
      return layers::Minimum(emitter.name())(emitter.two(a, b));
    case ops::BinaryKind::prelu:
      emitter.refuse("has slopes that are computed for each photo");
  }
  fail(ErrorKind::internal, "arithmetic of no known kind");
}

}  // namespace

SymbolicTensor TfjsEmitter::affine(const SymbolicTensor& x, const Tensor& scale, const Tensor& shift) {
  const std::int64_t count = x.shape[-1];
  if (x.shape.rank() == 4) {
    const Layer layer = layers::DepthwiseConv2D({.kernel_size = 1, .name = name()});
    return call(layer, x, {scale.reshape({1, 1, count, 1}), shift});
  }
  // Also in training: statistics of a batch have no part in it while the layer is frozen.
  const Layer layer = layers::BatchNormalization({.epsilon = 0, .name = name()});
  return call(layer, x, {scale, shift, Tensor({count}), Tensor::full({count}, 1)});
}

SymbolicTensor TfjsEmitter::affine(const SymbolicTensor& x, float scale, float shift) {
  return affine(x, Tensor::full({x.shape[-1]}, scale), Tensor::full({x.shape[-1]}, shift));
}

std::vector<SymbolicTensor> TfjsEmitter::two(const SymbolicTensor& a, const SymbolicTensor& b) {
  return {a, a == b ? apply("linear", b) : b};
}

SymbolicTensor TfjsEmitter::add(const SymbolicTensor& a, const SymbolicTensor& b) {
  return layers::Add(name())(two(a, b));
}

SymbolicTensor TfjsEmitter::multiply(const SymbolicTensor& a, const SymbolicTensor& b) {
  return layers::Multiply(name())(two(a, b));
}

SymbolicTensor TfjsEmitter::channels(const SymbolicTensor& x, std::int64_t begin, std::int64_t count) {
  Tensor kernel({1, 1, x.shape[-1], count});
  for (std::int64_t i = 0; i < count; ++i)
    kernel.data()[static_cast<std::size_t>(((begin + i) * count) + i)] = 1;
  return call(layers::Conv2D({.filters = count, .kernel_size = 1, .use_bias = false, .name = name()}), x,
              {kernel});
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Dense& params) {
  using In = ops::Dense::In;
  std::vector<Tensor> weights{emitter.fixed_or_refuse(op.in(In::kernel), "a kernel")};
  if (op.in(In::bias) != ops::kAbsent) weights.push_back(emitter.fixed_or_refuse(op.in(In::bias), "a bias"));
  const Layer layer =
      layers::Dense({.units = weights[0].shape()[1], .use_bias = weights.size() > 1, .name = emitter.name()});
  const SymbolicTensor y = emitter.call(layer, emitter.in(op.in(In::x)), weights);
  emitter.define(op.outputs[0], emitter.activated(params.activation, y));
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::ActivationForward& params) {
  emitter.define(op.outputs[0], emitter.activated(params.activation, emitter.in(op.inputs[0])));
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Softmax&) {
  emitter.define(op.outputs[0], emitter.apply("softmax", emitter.in(op.inputs[0])));
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Binary& params) {
  const std::optional<Tensor> a = emitter.fixed(op.inputs[0]);
  const std::optional<Tensor> b = emitter.fixed(op.inputs[1]);
  SymbolicTensor y;
  if (a) {
    y = with_numbers(emitter, params.kind, emitter.in(op.inputs[1]), *a, true);
  } else if (b) {
    y = with_numbers(emitter, params.kind, emitter.in(op.inputs[0]), *b, false);
  } else {
    y = of_two(emitter, params.kind, emitter.in(op.inputs[0]), emitter.in(op.inputs[1]));
  }
  emitter.define(op.outputs[0], emitter.activated(params.activation, y));
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::BatchNormalizationScaleShift& params) {
  std::vector<Tensor> given;
  for (const ops::ValueId input : op.inputs) given.push_back(emitter.fixed_or_refuse(input, "a statistic"));
  const ScaleAndShift both = scale_and_shift(given, params.epsilon);
  emitter.set_fixed(op.outputs[0], both.scale);
  emitter.set_fixed(op.outputs[1], both.shift);
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::ScaleShift& params) {
  using In = ops::ScaleShift::In;
  const SymbolicTensor x = emitter.in(op.in(In::x));
  SymbolicTensor y;
  if (const ops::Op* statistics = statistics_of(emitter, op.in(In::scale)); statistics != nullptr) {
    std::vector<Tensor> given;
    for (const ops::ValueId input : statistics->inputs)
      given.push_back(emitter.fixed_or_refuse(input, "a statistic"));
    const float epsilon = std::get<ops::BatchNormalizationScaleShift>(statistics->params).epsilon;
    y = emitter.call(layers::BatchNormalization({.epsilon = epsilon, .name = emitter.name()}), x, given);
  } else {
    y = emitter.affine(x, emitter.fixed_or_refuse(op.in(In::scale), "a factor"),
                       emitter.fixed_or_refuse(op.in(In::shift), "a summand"));
  }
  emitter.define(op.outputs[0], emitter.activated(params.activation, y));
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::GroupNormalization& params) {
  using In = ops::GroupNormalization::In;
  const SymbolicTensor x = emitter.in(op.in(In::x));
  if (params.groups != 1 || emitter.shape(op.in(In::x)).rank() != 2)
    emitter.refuse("normalises over groups of channels");
  const Shape width{x.shape[-1]};
  std::vector<Tensor> weights{Tensor::full(width, 1), Tensor(width)};
  if (op.in(In::gamma) != ops::kAbsent) weights[0] = emitter.fixed_or_refuse(op.in(In::gamma), "a gamma");
  if (op.in(In::beta) != ops::kAbsent) weights[1] = emitter.fixed_or_refuse(op.in(In::beta), "a beta");
  emitter.define(op.outputs[0],
                 emitter.call(layers::LayerNormalization({.epsilon = params.epsilon, .name = emitter.name()}),
                              x, weights));
}

}  // namespace saving
}  // namespace graft
