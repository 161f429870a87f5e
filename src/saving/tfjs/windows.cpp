// SPDX-License-Identifier: Apache-2.0
// Ops that slide over images or move elements, as TensorFlow.js's layers.
#include <algorithm>

#include "graft/layers.hpp"
#include "graft/ops/permuted.hpp"

#include "saving/tfjs/emitter.hpp"

namespace graft {
inline namespace saving {
namespace {

/// The zeros that "same" adds before and after an axis.
struct Pads {
  std::int64_t before = 0, after = 0;
  friend bool operator==(const Pads&, const Pads&) = default;
};
Pads same_pads(std::int64_t size, std::int64_t window, std::int64_t stride, std::int64_t dilation) {
  const std::int64_t outputs = (size + stride - 1) / stride;
  const std::int64_t all =
      std::max<std::int64_t>((outputs - 1) * stride + (window - 1) * dilation + 1 - size, 0);
  return {all / 2, all - all / 2};
}

/// How a window's padding is written: by a name, or by a layer of zeros before.
struct Placed {
  Padding padding = Padding::valid;
  bool zeros = false;
};
Placed placed(const ops::Window& w, const Shape& x) {
  const Pads rows{w.pad_top, w.pad_bottom};
  const Pads columns{w.pad_left, w.pad_right};
  if (rows == Pads() && columns == Pads()) return {};
  const bool same = rows == same_pads(x[1], w.height, w.stride_height, w.dilation_height) &&
                    columns == same_pads(x[2], w.width, w.stride_width, w.dilation_width);
  return same ? Placed{.padding = Padding::same} : Placed{.zeros = true};
}

Size2D strides_of(const ops::Window& w) { return {w.stride_height, w.stride_width}; }
Size2D dilation_of(const ops::Window& w) { return {w.dilation_height, w.dilation_width}; }

SymbolicTensor with_zeros(TfjsEmitter& emitter, const ops::Window& w, const SymbolicTensor& x) {
  return layers::ZeroPadding2D({.top = w.pad_top,
                                .bottom = w.pad_bottom,
                                .left = w.pad_left,
                                .right = w.pad_right,
                                .name = emitter.name()})(x);
}

/// Output channels [begin, begin + count) of a kernel (kh, kw, in, out).
Tensor last_channels(const Tensor& kernel, std::int64_t begin, std::int64_t count) {
  Shape shape = kernel.shape();
  const std::int64_t all = shape[-1];
  shape.set(-1, count);
  Tensor part(shape);
  for (std::int64_t i = 0; i < part.count(); ++i)
    part.data()[static_cast<std::size_t>(i)] =
        kernel.data()[static_cast<std::size_t>((i / count * all) + begin + (i % count))];
  return part;
}

/// One product for each group, joined again: there are no groups in TensorFlow.js's layers.
SymbolicTensor grouped(TfjsEmitter& emitter, const ops::Convolution& params, Padding padding,
                       const SymbolicTensor& x, const Tensor& kernel) {
  const std::int64_t in = kernel.shape()[2];
  const std::int64_t out = kernel.shape()[3] / params.groups;
  std::vector<SymbolicTensor> parts;
  for (std::int64_t group = 0; group < params.groups; ++group) {
    const Layer layer = layers::Conv2D({.filters = out,
                                        .kernel_size = {params.window.height, params.window.width},
                                        .strides = strides_of(params.window),
                                        .padding = padding,
                                        .dilation_rate = dilation_of(params.window),
                                        .use_bias = false,
                                        .name = emitter.name()});
    parts.push_back(
        emitter.call(layer, emitter.channels(x, group * in, in), {last_channels(kernel, group * out, out)}));
  }
  return layers::Concatenate({.axis = -1, .name = emitter.name()})(parts);
}

SymbolicTensor depthwise(TfjsEmitter& emitter, const ops::Convolution& params, Padding padding,
                         const SymbolicTensor& x, const std::vector<Tensor>& weights) {
  return emitter.call(layers::DepthwiseConv2D({.kernel_size = {params.window.height, params.window.width},
                                               .strides = strides_of(params.window),
                                               .padding = padding,
                                               .depth_multiplier = weights[0].shape()[-1] / params.groups,
                                               .dilation_rate = dilation_of(params.window),
                                               .use_bias = weights.size() > 1,
                                               .name = emitter.name()}),
                      x, weights);
}

}  // namespace

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Convolution& params) {
  using In = ops::Convolution::In;
  const Shape& from = emitter.shape(op.in(In::x));
  const ops::ValueId y = op.out(ops::Convolution::Out::y);
  const ops::Window& w = params.window;
  const Shape kernel{w.height, w.width, from[3] / params.groups, emitter.shape(y)[3]};
  std::vector<Tensor> weights{emitter.fixed_or_refuse(op.in(In::kernel), "a kernel").reshape(kernel)};
  if (op.in(In::bias) != ops::kAbsent) weights.push_back(emitter.fixed_or_refuse(op.in(In::bias), "a bias"));
  const Placed place = placed(w, from);
  SymbolicTensor x = emitter.in(op.in(In::x));
  if (place.zeros) x = with_zeros(emitter, w, x);
  SymbolicTensor result;
  if (params.groups == 1) {
    result = emitter.call(layers::Conv2D({.filters = kernel[3],
                                          .kernel_size = {w.height, w.width},
                                          .strides = strides_of(w),
                                          .padding = place.padding,
                                          .dilation_rate = dilation_of(w),
                                          .use_bias = weights.size() > 1,
                                          .name = emitter.name()}),
                          x, weights);
  } else if (params.groups == from[3]) {
    result = depthwise(emitter, params, place.padding, x, weights);
  } else {
    result = grouped(emitter, params, place.padding, x, weights[0]);
    if (weights.size() > 1) result = emitter.affine(result, Tensor::full({kernel[3]}, 1), weights[1]);
  }
  if (op.in(In::residual) != ops::kAbsent) result = emitter.add(result, emitter.in(op.in(In::residual)));
  emitter.define(y, emitter.activated(params.activation, result));
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::ConvolutionBackwardInput& params) {
  using In = ops::ConvolutionBackwardInput::In;
  const ops::ValueId y = op.out(ops::ConvolutionBackwardInput::Out::dx);
  const ops::Window& w = params.window;
  const Shape& from = emitter.shape(op.in(In::dy));
  const Shape& to = emitter.shape(y);
  const bool dilated = w.dilation_height != 1 || w.dilation_width != 1;
  const Placed place = placed(w, to);
  const bool usual = place.padding == Padding::same
                         ? to[1] == from[1] * w.stride_height && to[2] == from[2] * w.stride_width
                         : to[1] == (from[1] - 1) * w.stride_height + std::max(w.height, w.stride_height) &&
                               to[2] == (from[2] - 1) * w.stride_width + std::max(w.width, w.stride_width);
  if (params.groups != 1 || dilated || place.zeros || !usual)
    emitter.refuse("is a transposed convolution with groups, dilation or a padding of its own");
  emitter.define(
      y, emitter.call(layers::Conv2DTranspose({.filters = to[3],
                                               .kernel_size = {w.height, w.width},
                                               .strides = strides_of(w),
                                               .padding = place.padding,
                                               .use_bias = false,
                                               .name = emitter.name()}),
                      emitter.in(op.in(In::dy)), {emitter.fixed_or_refuse(op.in(In::kernel), "a kernel")}));
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Pool& params) {
  const ops::Window& w = params.window;
  const Placed place = placed(w, emitter.shape(op.inputs[0]));
  if (place.zeros || w.dilation_height != 1 || w.dilation_width != 1)
    emitter.refuse("pools with a padding of its own");
  const SymbolicTensor x = emitter.in(op.inputs[0]);
  const Size2D size{w.height, w.width};
  emitter.define(op.outputs[0], params.kind == ops::PoolKind::max
                                    ? layers::MaxPooling2D({.pool_size = size,
                                                            .strides = strides_of(w),
                                                            .padding = place.padding,
                                                            .name = emitter.name()})(x)
                                    : layers::AveragePooling2D({.pool_size = size,
                                                                .strides = strides_of(w),
                                                                .padding = place.padding,
                                                                .name = emitter.name()})(x));
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::GlobalPool& params) {
  const SymbolicTensor x = emitter.in(op.inputs[0]);
  emitter.define(op.outputs[0], params.kind == ops::PoolKind::max
                                    ? layers::GlobalMaxPooling2D({.name = emitter.name()})(x)
                                    : layers::GlobalAveragePooling2D({.name = emitter.name()})(x));
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Pad& params) {
  emitter.define(op.outputs[0], layers::ZeroPadding2D({.top = params.top,
                                                       .bottom = params.bottom,
                                                       .left = params.left,
                                                       .right = params.right,
                                                       .name = emitter.name()})(emitter.in(op.inputs[0])));
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Resize& params) {
  const Shape& from = emitter.shape(op.inputs[0]);
  const Shape& to = emitter.shape(op.outputs[0]);
  const SymbolicTensor x = emitter.in(op.inputs[0]);
  if (from == to) return emitter.define(op.outputs[0], x);
  const bool repeats =
      params.interpolation == ops::Interpolation::nearest && to[1] % from[1] == 0 && to[2] % from[2] == 0;
  // Its other resizing has no half-pixel centres.
  if (!repeats) emitter.refuse("resizes otherwise than by repeating pixels");
  emitter.define(op.outputs[0], layers::UpSampling2D(
                                    {.size = {to[1] / from[1], to[2] / from[2]}, .name = emitter.name()})(x));
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Crop& params) {
  emitter.define(op.outputs[0], layers::Cropping2D({.top = params.top,
                                                    .bottom = params.bottom,
                                                    .left = params.left,
                                                    .right = params.right,
                                                    .name = emitter.name()})(emitter.in(op.inputs[0])));
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Slice& params) {
  const Shape& from = emitter.shape(op.inputs[0]);
  const std::int64_t count = emitter.shape(op.outputs[0])[params.axis];
  const std::int64_t after = from[params.axis] - params.begin - count;
  const SymbolicTensor x = emitter.in(op.inputs[0]);
  if (from.rank() != 4 || params.axis == 0) emitter.refuse("takes a part of rows");
  if (params.axis == 3) return emitter.define(op.outputs[0], emitter.channels(x, params.begin, count));
  layers::Cropping2DOptions cut{.name = emitter.name()};
  (params.axis == 1 ? cut.top : cut.left) = params.begin;
  (params.axis == 1 ? cut.bottom : cut.right) = after;
  emitter.define(op.outputs[0], layers::Cropping2D(cut)(x));
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Concatenate& params) {
  if (params.axis == 0) emitter.refuse("joins samples");
  std::vector<SymbolicTensor> parts;
  for (const ops::ValueId input : op.inputs) parts.push_back(emitter.in(input));
  emitter.define(op.outputs[0], layers::Concatenate({.axis = params.axis, .name = emitter.name()})(parts));
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Permute& params) {
  if (const std::optional<Tensor> elements = emitter.fixed(op.inputs[0]))
    return emitter.set_fixed(op.outputs[0], ops::permuted(*elements, params.axes));
  if (params.axes.front() != 0) emitter.refuse("moves the axis of the samples");
  emitter.define(op.outputs[0], layers::Permute({.dims = {params.axes.begin() + 1, params.axes.end()},
                                                 .name = emitter.name()})(emitter.in(op.inputs[0])));
}

void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Reshape&) {
  const ops::ValueId x = op.inputs[0];
  const ops::ValueId y = op.outputs[0];
  const Shape& shape = emitter.shape(y);
  if (const std::optional<Tensor> elements = emitter.fixed(x))
    return emitter.set_fixed(y, elements->reshape(shape));
  const Shape rows = emitter.rows_of(x);
  const Shape whole = rows.rank() > 0 ? rows : emitter.shape(x);
  // The graph of ops is lowered for a batch of one.
  if (shape.rank() == 2 && shape[0] != 1 && shape[1] == whole[-1]) {
    emitter.define(y, emitter.in(x));
    return emitter.set_rows(y, whole);
  }
  if (shape[0] != 1) emitter.refuse("moves elements between samples");
  const SymbolicTensor from = emitter.in(x);
  if (from.shape.without_batch() == shape.without_batch()) return emitter.define(y, from);
  emitter.define(y, shape.rank() == 2 ? layers::Flatten({.name = emitter.name()})(from)
                                      : layers::Reshape({.target_shape = shape.without_batch(),
                                                         .name = emitter.name()})(from));
}

}  // namespace saving
}  // namespace graft
