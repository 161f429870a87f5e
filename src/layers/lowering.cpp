// SPDX-License-Identifier: Apache-2.0
#include "layers/lowering.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"

namespace graft::layers {
namespace {

/// Padding before and after along one axis.
struct Pads {
  std::int64_t before = 0, after = 0;
};

Pads pads_of(Padding padding, std::int64_t input, std::int64_t size, std::int64_t stride,
             std::int64_t dilation) {
  if (padding == Padding::valid) return {};
  const std::int64_t output = (input + stride - 1) / stride;
  const std::int64_t total =
      std::max<std::int64_t>(0, (output - 1) * stride + (size - 1) * dilation + 1 - input);
  return {total / 2, total - total / 2};
}

std::int64_t output_extent(const WindowOptions& o, std::int64_t input, std::int64_t size, std::int64_t stride,
                           std::int64_t dilation) {
  if (input < 0) return -1;
  const Pads pads = pads_of(o.padding, input, size, stride, dilation);
  return ops::window_output(input, pads.before + pads.after, size, stride, dilation);
}

}  // namespace

ops::Window make_window(const WindowOptions& o, const Shape& input) {
  const Pads vertical = pads_of(o.padding, input[1], o.size.height, o.strides.height, o.dilation.height);
  const Pads horizontal = pads_of(o.padding, input[2], o.size.width, o.strides.width, o.dilation.width);
  return {.height = o.size.height,
          .width = o.size.width,
          .stride_height = o.strides.height,
          .stride_width = o.strides.width,
          .dilation_height = o.dilation.height,
          .dilation_width = o.dilation.width,
          .pad_top = vertical.before,
          .pad_bottom = vertical.after,
          .pad_left = horizontal.before,
          .pad_right = horizontal.after};
}

Size2D window_output_size(const WindowOptions& o, const Shape& input) {
  return {output_extent(o, input[1], o.size.height, o.strides.height, o.dilation.height),
          output_extent(o, input[2], o.size.width, o.strides.width, o.dilation.width)};
}

void check_activation(const std::string& layer, const std::string& activation) {
  if (activation == "softmax" || ops::is_activation_name(activation)) return;
  fail(ErrorKind::invalid_argument, layer, ": activation '", activation, "' is not known");
}

ops::ValueId lower_activation(ops::Graph& graph, ops::ValueId x, const std::string& activation) {
  const Shape shape = graph.shape(x);
  if (activation == "softmax") return graph.add(ops::Softmax{}, {x}, shape);
  const ops::Activation parsed = ops::activation_from_name(activation);
  return parsed.is_linear() ? x : graph.add(ops::ActivationForward{parsed}, {x}, shape);
}

ops::ValueId reshaped(ops::Graph& graph, ops::ValueId x, const Shape& shape) {
  return graph.shape(x) == shape ? x : graph.add(ops::Reshape{}, {x}, shape);
}

ops::ValueId constant_vector(ops::Graph& graph, std::int64_t count, float value) {
  return graph.add_constant(Tensor::full({count}, value));
}

}  // namespace graft::layers
