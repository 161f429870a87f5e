// SPDX-License-Identifier: Apache-2.0
// Ops that slide over images: convolutions, pooling, padding, resizing.
#include <algorithm>
#include <limits>

#include "graft/base/fail.hpp"
#include "graft/ops/permuted.hpp"

#include "tflite/export/emitter.hpp"
#include "tflite/same_padding.hpp"

namespace graft {
inline namespace tflite {
namespace {

/// Whether "same" pads as the window does.
bool is_same(const Shape& x, const ops::Window& w) {
  return same_padding(x[1], w.height, w.stride_height, w.dilation_height) ==
             AxisPadding{w.pad_top, w.pad_bottom} &&
         same_padding(x[2], w.width, w.stride_width, w.dilation_width) ==
             AxisPadding{w.pad_left, w.pad_right};
}

bool pads(const ops::Window& w) {
  return w.pad_top != 0 || w.pad_bottom != 0 || w.pad_left != 0 || w.pad_right != 0;
}

TfliteSettings settings_of(const ops::Window& w, bool same) {
  TfliteSettings settings;
  settings.padding = same ? 0 : 1;
  settings.stride_height = narrow(w.stride_height);
  settings.stride_width = narrow(w.stride_width);
  settings.dilation_height = narrow(w.dilation_height);
  settings.dilation_width = narrow(w.dilation_width);
  settings.filter_height = narrow(w.height);
  settings.filter_width = narrow(w.width);
  return settings;
}

std::int32_t padded(Emitter& emitter, std::int32_t x, const ops::Pad& pad, float with = 0) {
  Shape shape = emitter.shape_of(x);
  shape.set(1, shape[1] + pad.top + pad.bottom);
  shape.set(2, shape[2] + pad.left + pad.right);
  const std::int32_t sizes = emitter.integers(
      {0, 0, narrow(pad.top), narrow(pad.bottom), narrow(pad.left), narrow(pad.right), 0, 0}, {4, 2});
  if (with == 0) return emitter.add(TfliteOp::pad, {x, sizes}, shape);
  return emitter.add(TfliteOp::padv2, {x, sizes, emitter.number(with)}, shape);
}

ops::Pad padding_of(const ops::Window& w) {
  return {.top = w.pad_top, .bottom = w.pad_bottom, .left = w.pad_left, .right = w.pad_right};
}

/// Each output's weights times its factor: outputs are the last axis.
Tensor scaled(const Tensor& kernel, const Tensor& factors) {
  Tensor result = kernel.clone();
  const auto outputs = static_cast<std::size_t>(factors.count());
  const auto by = factors.data();
  const auto elements = result.data();
  for (std::size_t i = 0; i < elements.size(); ++i) elements[i] *= by[i % outputs];
  return result;
}

/// bias scale + shift; zeros where there is neither: TensorFlow Lite's convolutions have a bias.
Tensor bias_of(const std::optional<Tensor>& bias, const Affine* affine, std::int64_t outputs) {
  Tensor result = bias ? bias->clone() : Tensor({outputs});
  if (affine == nullptr) return result;
  const auto elements = result.data();
  for (std::size_t i = 0; i < elements.size(); ++i)
    elements[i] = elements[i] * affine->scale.data()[i] + affine->shift.data()[i];
  return result;
}

Tensor fixed_or_refuse(const Emitter& emitter, ops::ValueId value) {
  const std::optional<Tensor> elements = emitter.fixed(value);
  if (!elements) emitter.refuse("has a kernel that is computed for each photo");
  return *elements;
}

struct Convolved {
  std::int32_t kernel = 0, bias = 0;
  bool depthwise = false;
};

Convolved weights_of(Emitter& emitter, const ops::Op& op, const ops::Convolution& params,
                     std::int64_t channels, std::int64_t filters) {
  using In = ops::Convolution::In;
  const Affine* affine = emitter.affine_after(op.out(ops::Convolution::Out::y));
  const ops::Window& w = params.window;
  Tensor kernel = fixed_or_refuse(emitter, op.in(In::kernel))
                      .reshape({w.height, w.width, channels / params.groups, filters});
  if (affine != nullptr) kernel = scaled(kernel, affine->scale);
  const bool depthwise = params.groups > 1 && params.groups == channels;
  // (kh, kw, 1, C m) is the memory of (1, kh, kw, C m).
  const Tensor turned =
      depthwise ? kernel.reshape({1, w.height, w.width, filters}) : ops::permuted(kernel, {3, 0, 1, 2});
  std::optional<Tensor> bias;
  if (op.in(In::bias) != ops::kAbsent) bias = fixed_or_refuse(emitter, op.in(In::bias));
  return {.kernel = emitter.kernel(turned, emitter.name_of(op.in(In::kernel), "kernel")),
          .bias = emitter.constant(bias_of(bias, affine, filters),
                                   bias ? emitter.name_of(op.in(In::bias), "bias") : op.layer + "/bias"),
          .depthwise = depthwise};
}

}  // namespace

void emit(Emitter& emitter, const ops::Op& op, const ops::Convolution& params) {
  using In = ops::Convolution::In;
  const ops::ValueId y = op.out(ops::Convolution::Out::y);
  std::int32_t x = emitter.in(op.in(In::x));
  const Shape from = emitter.shape_of(x);
  const Shape to = emitter.shape(y);
  const Convolved weights = weights_of(emitter, op, params, from[3], to[3]);
  const bool same = is_same(from, params.window);
  if (!same && pads(params.window)) x = padded(emitter, x, padding_of(params.window));
  TfliteSettings settings = settings_of(params.window, same && pads(params.window));
  settings.depth_multiplier = narrow(to[3] / from[3]);
  const bool adds = op.in(In::residual) != ops::kAbsent;
  if (!adds) settings.activation = own_activation(params.activation);
  std::int32_t result = emitter.add(weights.depthwise ? TfliteOp::depthwise_conv_2d : TfliteOp::conv_2d,
                                    {x, weights.kernel, weights.bias}, to, settings);
  if (adds) {
    TfliteSettings sum;
    sum.activation = own_activation(params.activation);
    result = emitter.add(TfliteOp::add, {result, emitter.in(op.in(In::residual))}, to, sum);
  }
  emitter.define(y, finish(emitter, params.activation, result));
}

namespace {

/// An average that counts only elements inside the image, where TensorFlow Lite's "same" does not pad so: the
/// mean with zeros around, times what that divided too much by.
std::int32_t padded_average(Emitter& emitter, std::int32_t x, const ops::Window& w, const Shape& to) {
  const Shape from = emitter.shape_of(x);
  const std::int32_t sums =
      emitter.add(TfliteOp::average_pool_2d, {padded(emitter, x, padding_of(w))}, to, settings_of(w, false));
  const auto inside = [](std::int64_t at, std::int64_t stride, std::int64_t size, std::int64_t pad,
                         std::int64_t input) {
    const std::int64_t first = at * stride - pad;
    return std::min(first + size, input) - std::max<std::int64_t>(first, 0);
  };
  Tensor factors({1, to[1], to[2], 1});
  for (std::int64_t i = 0; i < to[1]; ++i) {
    for (std::int64_t j = 0; j < to[2]; ++j) {
      const std::int64_t count = inside(i, w.stride_height, w.height, w.pad_top, from[1]) *
                                 inside(j, w.stride_width, w.width, w.pad_left, from[2]);
      if (count <= 0) emitter.refuse("averages a window that lies in the padding");
      factors.at(0, i, j, 0) =
          static_cast<float>(static_cast<double>(w.height * w.width) / static_cast<double>(count));
    }
  }
  return emitter.add(TfliteOp::mul, {sums, emitter.constant(factors, "factors")}, to);
}

}  // namespace

void emit(Emitter& emitter, const ops::Op& op, const ops::Pool& params) {
  const ops::Window& w = params.window;
  if (w.dilation_height != 1 || w.dilation_width != 1) emitter.refuse("has a dilated pooling window");
  std::int32_t x = emitter.in(op.inputs[0]);
  const Shape to = emitter.shape(op.outputs[0]);
  const bool max = params.kind == ops::PoolKind::max;
  const bool same = is_same(emitter.shape_of(x), w);
  if (!max && !same && pads(w)) return emitter.define(op.outputs[0], padded_average(emitter, x, w, to));
  if (!same && pads(w)) x = padded(emitter, x, padding_of(w), std::numeric_limits<float>::lowest());
  emitter.define(op.outputs[0], emitter.add(max ? TfliteOp::max_pool_2d : TfliteOp::average_pool_2d, {x}, to,
                                            settings_of(w, same && pads(w))));
}

void emit(Emitter& emitter, const ops::Op& op, const ops::GlobalPool& params) {
  const TfliteOp reduce = params.kind == ops::PoolKind::max ? TfliteOp::reduce_max : TfliteOp::mean;
  emitter.define(op.outputs[0], emitter.add(reduce, {emitter.in(op.inputs[0]), emitter.integers({1, 2})},
                                            emitter.shape(op.outputs[0])));
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Pad& params) {
  emitter.define(op.outputs[0], padded(emitter, emitter.in(op.inputs[0]), params));
}

void emit(Emitter& emitter, const ops::Op& op, const ops::Resize& params) {
  const Shape to = emitter.shape(op.outputs[0]);
  const bool bilinear = params.interpolation == ops::Interpolation::bilinear;
  TfliteSettings settings;
  settings.half_pixel_centers = true;
  emitter.define(op.outputs[0],
                 emitter.add(bilinear ? TfliteOp::resize_bilinear : TfliteOp::resize_nearest_neighbor,
                             {emitter.in(op.inputs[0]), emitter.integers({narrow(to[1]), narrow(to[2])})}, to,
                             settings));
}

}  // namespace tflite
}  // namespace graft
