// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/layers/convolutional.hpp"

#include "layers/convolutional/convolution_layer.hpp"

namespace graft::layers {
namespace {

constexpr auto kSeparableConv2DFields =
    fields<SeparableConv2DOptions>(
        field<&SeparableConv2DOptions::filters>("filters"),
        field<&SeparableConv2DOptions::depth_multiplier>("depth_multiplier"),
        field<&SeparableConv2DOptions::depthwise_initializer, InitializerCodec>("depthwise_initializer"),
        field<&SeparableConv2DOptions::pointwise_initializer, InitializerCodec>("pointwise_initializer")) +
    kConvolutionFields<SeparableConv2DOptions>;

class SeparableConv2DLayer final : public ConvolutionLayer<kSeparableConv2DFields> {
 public:
  explicit SeparableConv2DLayer(SeparableConv2DOptions given)
      : ConvolutionLayer("SeparableConv2D", std::move(given)) {
    if (options().filters < 1) invalid("filters", options().filters);
    if (options().depth_multiplier < 1) invalid("depth_multiplier", options().depth_multiplier);
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = image_input(inputs);
    if (input[3] > kMostChannels / options().depth_multiplier) bad_input("fewer channels", input);
    return slid_over(input, options().filters);
  }

  void build(const std::vector<Shape>& inputs) override {
    const Shape& input = inputs.front();
    const Size2D k = options().kernel_size;
    depthwise_ = add_weight("depthwise_kernel", {k.height, k.width, input[3], options().depth_multiplier},
                            options().depthwise_initializer);
    pointwise_ =
        add_weight("pointwise_kernel", {1, 1, input[3] * options().depth_multiplier, options().filters},
                   options().pointwise_initializer);
    finish_build(input, options().filters);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    ops::Graph& graph = context.graph;
    const Shape input = graph.shape(inputs[0]);
    const Shape output = output_shape({input});
    Shape between = output;
    between.set(3, channels() * options().depth_multiplier);
    const ops::Convolution depthwise{.window = make_window(window(), input), .groups = channels()};
    const ops::ValueId each =
        graph.add(depthwise, {inputs[0], weight(context, depthwise_), ops::kAbsent, ops::kAbsent}, between);
    const ops::ValueId y = graph.add(
        ops::Convolution{}, {each, weight(context, pointwise_), bias(context), ops::kAbsent}, output);
    return lower_activation(graph, y, options().activation);
  }

 private:
  VariablePtr depthwise_, pointwise_;
};

}  // namespace

Layer SeparableConv2D(SeparableConv2DOptions options) {
  return Layer(std::make_shared<SeparableConv2DLayer>(std::move(options)));
}

constinit const LayerClass kSeparableConv2DClass =
    layer_class<kSeparableConv2DFields, SeparableConv2D>("SeparableConv2D");

}  // namespace graft::layers
