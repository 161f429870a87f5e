// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/depthwise_conv2d.hpp"

#include "graft/base/error.hpp"
#include "graft/layers/layer_base.hpp"

#include "layers/config.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

/// Far beyond any network's: keeps the product with depth_multiplier within its type.
constexpr std::int64_t kMostChannels = std::int64_t{1} << 40;

class DepthwiseConv2DLayer final : public LayerBase {
 public:
  explicit DepthwiseConv2DLayer(DepthwiseConv2DOptions options)
      : LayerBase("DepthwiseConv2D", options.name), options_(std::move(options)) {
    if (options_.depth_multiplier < 1) invalid("depth_multiplier", options_.depth_multiplier);
    const Size2D k = options_.kernel_size;
    const Size2D s = options_.strides;
    const Size2D d = options_.dilation_rate;
    if (k.height < 1 || k.width < 1) invalid("kernel_size", k.height);
    if (s.height < 1 || s.width < 1) invalid("strides", s.height);
    if (d.height < 1 || d.width < 1) invalid("dilation_rate", d.height);
    check_activation(cat("DepthwiseConv2D '", name(), "'"), options_.activation);
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 4);
    const std::int64_t channels = input[3];
    if (channels < 1) bad_input("a known number of channels", input);
    if (built() && channels != channels_) bad_input(cat("input (N, H, W, ", channels_, ")"), input);
    if (channels > kMostChannels / options_.depth_multiplier) bad_input("fewer channels", input);
    const Size2D size = window_output_size(window(), input);
    if (size.height == 0 || size.width == 0) {
      bad_input(cat("an input of at least the kernel's size (", options_.kernel_size.height, ", ",
                    options_.kernel_size.width, ")"),
                input);
    }
    return {input[0], size.height, size.width, channels * options_.depth_multiplier};
  }

  void build(const std::vector<Shape>& inputs) override {
    const Shape& input = inputs.front();
    const Size2D k = options_.kernel_size;
    channels_ = input[3];
    kernel_ = add_weight("kernel", {k.height, k.width, input[3], options_.depth_multiplier},
                         options_.depthwise_initializer);
    const Shape output = output_shape(inputs);
    if (options_.use_bias) bias_ = add_weight("bias", {output[3]}, options_.bias_initializer);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    ops::Graph& graph = context.graph;
    const Shape input = graph.shape(inputs[0]);
    const Shape output = output_shape({input});
    const ops::ValueId kernel = weight(context, kernel_);
    const ops::ValueId bias = bias_ ? weight(context, bias_) : ops::kAbsent;
    const ops::Convolution convolution{.window = make_window(window(), input), .groups = channels_};
    const ops::ValueId y = graph.add(convolution, {inputs[0], kernel, bias, ops::kAbsent}, output);
    return lower_activation(graph, y, options_.activation);
  }

  [[nodiscard]] Json own_config() const override {
    return {{"depth_multiplier", options_.depth_multiplier},
            {"kernel_size", size_json(options_.kernel_size)},
            {"strides", size_json(options_.strides)},
            {"padding", padding_name(options_.padding)},
            {"data_format", "channels_last"},
            {"dilation_rate", size_json(options_.dilation_rate)},

            {"activation", options_.activation},
            {"use_bias", options_.use_bias},
            {"depthwise_initializer", options_.depthwise_initializer},
            {"bias_initializer", options_.bias_initializer}};
  }

 private:
  [[nodiscard]] WindowOptions window() const {
    return {options_.kernel_size, options_.strides, options_.dilation_rate, options_.padding};
  }
  [[noreturn]] void invalid(const char* option, std::int64_t value) const {
    fail(ErrorKind::invalid_argument, "DepthwiseConv2D '", name(), "': ", option, " = ", value,
         " is not allowed");
  }

  DepthwiseConv2DOptions options_;
  std::int64_t channels_ = 0;
  VariablePtr kernel_, bias_;
};

}  // namespace

Layer DepthwiseConv2D(DepthwiseConv2DOptions options) {
  return Layer(std::make_shared<DepthwiseConv2DLayer>(std::move(options)));
}

Layer depthwise_conv2d_from_config(const Json& config) {
  const Config reader(config);
  reader.require_channels_last();
  return DepthwiseConv2D(
      {.kernel_size = reader.size("kernel_size", {}),
       .strides = reader.size("strides", 1),
       .padding = reader.padding(),
       .depth_multiplier = reader.integer("depth_multiplier", 1),
       .dilation_rate = reader.size("dilation_rate", 1),

       .activation = reader.activation(),
       .use_bias = reader.boolean("use_bias", true),
       .depthwise_initializer = reader.initializer("depthwise_initializer", "glorot_uniform"),
       .bias_initializer = reader.initializer("bias_initializer", "zeros"),
       .name = reader.name()});
}

}  // namespace graft::layers
