// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/layers/convolutional.hpp"

#include "layers/convolutional/convolution_layer.hpp"

namespace graft::layers {
namespace {

constexpr auto kDepthwiseConv2DFields =
    fields<DepthwiseConv2DOptions>(
        field<&DepthwiseConv2DOptions::depth_multiplier>("depth_multiplier"),
        field<&DepthwiseConv2DOptions::depthwise_initializer, InitializerCodec>("depthwise_initializer")) +
    kConvolutionFields<DepthwiseConv2DOptions>;

class DepthwiseConv2DLayer final : public ConvolutionLayer<kDepthwiseConv2DFields> {
 public:
  explicit DepthwiseConv2DLayer(DepthwiseConv2DOptions given)
      : ConvolutionLayer("DepthwiseConv2D", std::move(given)) {
    if (options().depth_multiplier < 1) invalid("depth_multiplier", options().depth_multiplier);
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = image_input(inputs);
    if (input[3] > kMostChannels / options().depth_multiplier) bad_input("fewer channels", input);
    return slid_over(input, input[3] * options().depth_multiplier);
  }

  void build(const std::vector<Shape>& inputs) override {
    const Shape& input = inputs.front();
    const Size2D k = options().kernel_size;
    kernel_ = add_weight("kernel", {k.height, k.width, input[3], options().depth_multiplier},
                         options().depthwise_initializer);
    finish_build(input, output_shape(inputs)[3]);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return lower_convolution(context, inputs[0], kernel_, channels());
  }

 private:
  VariablePtr kernel_;
};

}  // namespace

Layer DepthwiseConv2D(DepthwiseConv2DOptions options) {
  return Layer(std::make_shared<DepthwiseConv2DLayer>(std::move(options)));
}

constinit const LayerClass kDepthwiseConv2DClass =
    layer_class<kDepthwiseConv2DFields, DepthwiseConv2D>("DepthwiseConv2D");

}  // namespace graft::layers
