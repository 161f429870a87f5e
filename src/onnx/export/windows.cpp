// SPDX-License-Identifier: Apache-2.0
// Ops that slide over images: convolutions, pooling, padding, resizing.
#include <cmath>

#include "graft/base/fail.hpp"

#include "onnx/export/emitter.hpp"
#include "onnx/export/int8.hpp"

namespace graft {
inline namespace onnx {
namespace {

using formats::OnnxAttribute;
using Integers = std::vector<std::int64_t>;

Attributes window_attributes(const ops::Window& w) {
  return {OnnxAttribute::of("kernel_shape", Integers{w.height, w.width}),
          OnnxAttribute::of("strides", Integers{w.stride_height, w.stride_width}),
          OnnxAttribute::of("pads", Integers{w.pad_top, w.pad_left, w.pad_bottom, w.pad_right})};
}

Attributes convolution_attributes(const ops::Window& w, std::int64_t groups) {
  Attributes all = window_attributes(w);
  all.push_back(OnnxAttribute::of("dilations", Integers{w.dilation_height, w.dilation_width}));
  all.push_back(OnnxAttribute::of("group", groups));
  return all;
}

const std::vector<int> kKernelOrder{3, 2, 0, 1};

/// (kh, kw, in, out)
Tensor kernel_elements(const Emitter& emitter, ops::ValueId kernel, const ops::Window& w, std::int64_t in,
                       std::int64_t out) {
  const std::optional<Tensor> elements = emitter.fixed(kernel);
  if (!elements) emitter.refuse("has a kernel that is computed for each photo");
  return elements->reshape({w.height, w.width, in, out});
}

std::string name_of_weight(const Emitter& emitter, ops::ValueId value, const char* otherwise) {
  const ops::WeightValue* weight = emitter.graph().value(value).weight();
  return weight != nullptr ? weight->variable->path() : otherwise;
}

/// (kh, kw, in, out) as ONNX's (out, in, kh, kw).
std::string kernel_of(Emitter& emitter, ops::ValueId kernel, const ops::Window& w, std::int64_t in,
                      std::int64_t out) {
  return emitter.constant(ops::permuted(kernel_elements(emitter, kernel, w, in, out), kKernelOrder),
                          name_of_weight(emitter, kernel, "kernel"));
}

/// Kernel and bias of a convolution, with the BatchNormalization that becomes part of them.
struct Weights {
  Tensor kernel;
  std::optional<Tensor> bias;
};
Weights joined_weights(const Emitter& emitter, const ops::Op& op, Tensor kernel) {
  using In = ops::Convolution::In;
  Weights result{.kernel = std::move(kernel), .bias = std::nullopt};
  if (op.in(In::bias) != ops::kAbsent) {
    result.bias = emitter.fixed(op.in(In::bias));
    if (!result.bias) emitter.refuse("has a bias that is computed for each photo");
  }
  const ScaleAndShift* joined = emitter.joined_after(op.outputs[0]);
  if (joined == nullptr) return result;
  const auto channels = static_cast<std::size_t>(result.kernel.shape()[-1]);
  result.kernel = result.kernel.clone();
  const auto elements = result.kernel.data();
  for (std::size_t i = 0; i < elements.size(); ++i) elements[i] *= joined->scale.data()[i % channels];
  Tensor bias = joined->shift.clone();
  if (result.bias) {
    for (std::size_t c = 0; c < channels; ++c)
      bias.data()[c] += result.bias->data()[c] * joined->scale.data()[c];
  }
  result.bias = bias;
  return result;
}

/// The inputs of a convolution of 8-bit numbers.
Names int8_inputs(Emitter& emitter, const ops::Op& op, Tensor kernel) {
  using In = ops::Convolution::In;
  const Weights weights = joined_weights(emitter, op, std::move(kernel));
  const float x_scale = emitter.int8_input(op)->scale;
  const Int8Kernel rounded = rounded_kernel(weights.kernel, weights.bias ? &*weights.bias : nullptr, x_scale);
  const std::string name = name_of_weight(emitter, op.in(In::kernel), "kernel");
  const Tensor in_order = ops::permuted(rounded.elements.to(DType::float32), kKernelOrder).to(DType::uint8);
  Names inputs{emitter.in_int8(op.in(In::x), Layout::channels_first),
               emit_dequantized(emitter, in_order, rounded.scales, 0, name)};
  if (weights.bias) inputs.push_back(emit_int8_bias(emitter, *weights.bias, rounded, x_scale, name));
  return inputs;
}

}  // namespace

void emit(Emitter& emitter, const ops::Op& op, const ops::Convolution& params) {
  using In = ops::Convolution::In;
  const ops::ValueId y = op.out(ops::Convolution::Out::y);
  const std::int64_t channels = emitter.shape(op.in(In::x))[3] / params.groups;
  Names inputs;
  if (emitter.multiplies_int8(op)) {
    inputs = int8_inputs(
        emitter, op,
        kernel_elements(emitter, op.in(In::kernel), params.window, channels, emitter.shape(y)[3]));
  } else {
    inputs = {emitter.in(op.in(In::x), Layout::channels_first),
              kernel_of(emitter, op.in(In::kernel), params.window, channels, emitter.shape(y)[3])};
    if (op.in(In::bias) != ops::kAbsent) inputs.push_back(emitter.in(op.in(In::bias)));
  }
  std::string result =
      emitter.add("Conv", std::move(inputs), convolution_attributes(params.window, params.groups));
  if (op.in(In::residual) != ops::kAbsent)
    result = emitter.add("Add", {result, emitter.in(op.in(In::residual), Layout::channels_first)});
  emitter.define(y, emit_activation(emitter, params.activation, result), Layout::channels_first);
}

void emit(Emitter& emitter, const ops::Op& op, const ops::ConvolutionBackwardInput& params) {
  using In = ops::ConvolutionBackwardInput::In;
  const ops::ValueId y = op.out(ops::ConvolutionBackwardInput::Out::dx);
  const ops::Window& w = params.window;
  const Shape& from = emitter.shape(op.in(In::dy));
  const Shape& to = emitter.shape(y);
  const auto missing = [](std::int64_t output, std::int64_t input, std::int64_t stride, std::int64_t kernel,
                          std::int64_t dilation, std::int64_t pads) {
    return output - ((input - 1) * stride + (kernel - 1) * dilation + 1 - pads);
  };
  Attributes attributes = convolution_attributes(w, params.groups);
  attributes.push_back(OnnxAttribute::of(
      "output_padding",
      Integers{
          missing(to[1], from[1], w.stride_height, w.height, w.dilation_height, w.pad_top + w.pad_bottom),
          missing(to[2], from[2], w.stride_width, w.width, w.dilation_width, w.pad_left + w.pad_right)}));
  emitter.define(y,
                 emitter.add("ConvTranspose",
                             {emitter.in(op.in(In::dy), Layout::channels_first),
                              kernel_of(emitter, op.in(In::kernel), w, to[3] / params.groups, from[3])},
                             std::move(attributes)),
                 Layout::channels_first);
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Pool& params) {
  const bool max = params.kind == ops::PoolKind::max;
  // AveragePool counts only elements inside the image unless an attribute asks otherwise, as graft does.
  emitter.define(
      op.outputs[0],
      emitter.add(max ? "MaxPool" : "AveragePool", {emitter.in(op.inputs[0], Layout::channels_first)},
                  window_attributes(params.window)),
      Layout::channels_first);
}

void emit(Emitter& emitter, const ops::Op& op, const ops::GlobalPool& params) {
  const bool max = params.kind == ops::PoolKind::max;
  const ops::ValueId x = op.inputs[0];
  if (emitter.layout_of(x) == Layout::plain) {
    const Attributes attributes{OnnxAttribute::of("axes", Integers{1, 2}),
                                OnnxAttribute::of("keepdims", std::int64_t{0})};
    emitter.define(op.outputs[0], emitter.add(max ? "ReduceMax" : "ReduceMean", {emitter.in(x)}, attributes));
    return;
  }
  const std::string pooled =
      emitter.add(max ? "GlobalMaxPool" : "GlobalAveragePool", {emitter.in(x, Layout::channels_first)});
  emitter.define(op.outputs[0],
                 emitter.add("Flatten", {pooled}, {OnnxAttribute::of("axis", std::int64_t{1})}));
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Pad& params) {
  const Layout layout = emitter.layout_of(op.inputs[0]);
  const Integers pads = layout == Layout::plain
                            ? Integers{0, params.top, params.left, 0, 0, params.bottom, params.right, 0}
                            : Integers{0, 0, params.top, params.left, 0, 0, params.bottom, params.right};
  emitter.define(op.outputs[0],
                 emitter.add("Pad", {emitter.in(op.inputs[0], layout), emitter.integers(pads)}), layout);
}

namespace {

/// A factor that ONNX's floor(input factor) makes the wanted size of.
float factor(std::int64_t from, std::int64_t to) {
  auto result = static_cast<float>(static_cast<double>(to) / static_cast<double>(from));
  // Programs multiply as float or as double: it must be enough for both.
  while (std::floor(static_cast<double>(from) * static_cast<double>(result)) < static_cast<double>(to))
    result = std::nextafter(result, 2 * result);
  return result;
}

}  // namespace

void emit(Emitter& emitter, const ops::Op& op, const ops::Resize& params) {
  const Shape& from = emitter.shape(op.inputs[0]);
  const Shape& to = emitter.shape(op.outputs[0]);
  const float scales[] = {1, 1, factor(from[1], to[1]), factor(from[2], to[2])};
  const bool bilinear = params.interpolation == ops::Interpolation::bilinear;
  Attributes attributes{OnnxAttribute::of("mode", std::string(bilinear ? "linear" : "nearest")),
                        OnnxAttribute::of("coordinate_transformation_mode", std::string("half_pixel"))};
  // The middle between two pixels belongs to the second one.
  if (!bilinear) attributes.push_back(OnnxAttribute::of("nearest_mode", std::string("round_prefer_ceil")));
  const std::string factors =
      emitter.initializer(Tensor::from({4}, std::span<const float>(scales)), "scales");
  emitter.define(op.outputs[0],
                 emitter.add("Resize", {emitter.in(op.inputs[0], Layout::channels_first), "", factors},
                             std::move(attributes)),
                 Layout::channels_first);
}

}  // namespace onnx
}  // namespace graft
