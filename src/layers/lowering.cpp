// SPDX-License-Identifier: Apache-2.0
#include "layers/lowering.hpp"

#include <algorithm>
#include <numeric>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/registry.hpp"

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

namespace {

/// Layers without weights that compute a function of each element, or softmax.
bool is_activation_class(const std::string& class_name) {
  for (const char* known : {"ReLU", "LeakyReLU", "ELU", "Softmax", "Activation", "Identity"}) {
    if (class_name == known) return true;
  }
  return false;
}

/// The layer of an activation that is JSON.
Layer activation_layer(const std::string& activation) {
  const Json json = Json::parse(activation);
  return from_config(json.at("class_name").get<std::string>(), json.at("config"));
}

}  // namespace

void check_activation(const std::string& layer, const std::string& activation) {
  if (activation == "softmax" || ops::is_activation_name(activation)) return;
  if (!activation.starts_with('{')) {
    fail(ErrorKind::unsupported, layer, ": activation '", activation,
         "' is not known; graft knows softmax and those of keras.activations that compute each element by "
         "itself");
  }
  const Json json = Json::parse(activation);
  const std::string class_name = json.value("class_name", std::string());
  if (!is_activation_class(class_name)) {
    fail(ErrorKind::unsupported, layer, ": its activation is a layer of the class ", class_name,
         "; graft knows ReLU, LeakyReLU, ELU, Softmax and Activation in this place. Make it a layer of its "
         "own");
  }
  static_cast<void>(activation_layer(activation));
}

std::string activation_of_layer(const Json& layer) {
  const Json& config = layer["config"];
  const Json class_name = layer.value("class_name", Json());
  const auto is = [&](const char* key, const Json& value) {
    return !config.contains(key) || config[key].is_null() ? value.is_null() : config[key] == value;
  };
  const bool plain = is("negative_slope", 0.0) && is("threshold", 0.0);
  if (class_name == "ReLU" && plain && is("max_value", nullptr)) return "relu";
  if (class_name == "ReLU" && plain && is("max_value", 6.0)) return "relu6";
  if (class_name == "Softmax" && config.value("axis", Json(-1)) == -1) return "softmax";
  if (class_name == "Activation" && config.contains("activation") && config["activation"].is_string())
    return config["activation"].get<std::string>();
  if (class_name == "Activation" && config.contains("activation") && config["activation"].is_object() &&
      config["activation"].contains("config") && config["activation"]["config"].is_object())
    return activation_of_layer(config["activation"]);
  return layer.dump();
}

ops::ValueId lower_activation(ops::Graph& graph, ops::ValueId x, const std::string& activation) {
  const Shape shape = graph.shape(x);
  if (activation == "softmax") return graph.add(ops::Softmax{}, {x}, shape);
  if (activation.starts_with('{')) {
    LowerContext context{.graph = graph};
    return activation_layer(activation).base()->lower(context, {x});
  }
  const ops::Activation parsed = ops::activation_from_name(activation);
  return parsed.is_linear() ? x : graph.add(ops::ActivationForward{parsed}, {x}, shape);
}

ops::ValueId reshaped(ops::Graph& graph, ops::ValueId x, const Shape& shape) {
  return graph.shape(x) == shape ? x : graph.add(ops::Reshape{}, {x}, shape);
}

namespace {

ops::ValueId permuted(ops::Graph& graph, ops::ValueId x, const std::vector<int>& axes) {
  const Shape before = graph.shape(x);
  Shape shape = before;
  for (std::size_t i = 0; i < axes.size(); ++i) shape.set(static_cast<int>(i), before[axes[i]]);
  return graph.add(ops::Permute{axes}, {x}, shape);
}

}  // namespace

ops::ValueId axis_to_last(ops::Graph& graph, ops::ValueId x, int axis) {
  const int rank = static_cast<int>(graph.shape(x).rank());
  if (axis == rank - 1) return x;
  std::vector<int> axes;
  for (int i = 0; i < rank; ++i) {
    if (i != axis) axes.push_back(i);
  }
  axes.push_back(axis);
  return permuted(graph, x, axes);
}

ops::ValueId last_to_axis(ops::Graph& graph, ops::ValueId x, int axis) {
  const int rank = static_cast<int>(graph.shape(x).rank());
  if (axis == rank - 1) return x;
  std::vector<int> axes(static_cast<std::size_t>(rank - 1));
  std::iota(axes.begin(), axes.end(), 0);
  axes.insert(axes.begin() + axis, rank - 1);
  return permuted(graph, x, axes);
}

int axis_from_first(const std::string& layer, std::int64_t axis, const Shape& shape) {
  const auto rank = static_cast<std::int64_t>(shape.rank());
  const std::int64_t result = axis < 0 ? axis + rank : axis;
  if (result < 1 || result >= rank) {
    fail(ErrorKind::shape_mismatch, layer, ": expected an input with axis ", axis,
         ", which is not the batch axis, received ", shape);
  }
  return static_cast<int>(result);
}

ops::ValueId constant_vector(ops::Graph& graph, std::int64_t count, float value) {
  return graph.add_constant(Tensor::full({count}, value));
}

}  // namespace graft::layers
