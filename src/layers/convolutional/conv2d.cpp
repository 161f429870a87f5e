// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/convolutional.hpp"

#include "layers/convolutional/convolution_layer.hpp"

namespace graft::layers {
namespace {

constexpr auto kConv2DFields =
    fields<Conv2DOptions>(field<&Conv2DOptions::filters>("filters"), field<&Conv2DOptions::groups>("groups"),
                          field<&Conv2DOptions::kernel_initializer, InitializerCodec>("kernel_initializer")) +
    kConvolutionFields<Conv2DOptions> +
    fields<Conv2DOptions>(field<&Conv2DOptions::kernel_regularizer>("kernel_regularizer").listed(),
                          field<&Conv2DOptions::bias_regularizer>("bias_regularizer").listed(),
                          field<&Conv2DOptions::kernel_constraint>("kernel_constraint").listed(),
                          field<&Conv2DOptions::bias_constraint>("bias_constraint").listed());

class Conv2DLayer final : public ConvolutionLayer<kConv2DFields> {
 public:
  explicit Conv2DLayer(Conv2DOptions given) : ConvolutionLayer("Conv2D", std::move(given)) {
    if (options().filters < 1) invalid("filters", options().filters);
    if (options().groups < 1 || options().filters % options().groups != 0)
      invalid("groups", options().groups);
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = image_input(inputs);
    if (input[3] % options().groups != 0)
      bad_input(cat("channels divisible by groups ", options().groups), input);
    return slid_over(input, options().filters);
  }

  void build(const std::vector<Shape>& inputs) override {
    const Shape& input = inputs.front();
    const Size2D k = options().kernel_size;
    kernel_ = add_weight("kernel", {k.height, k.width, input[3] / options().groups, options().filters},
                         options().kernel_initializer);
    finish_build(input, options().filters);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return lower_convolution(context, inputs[0], kernel_, options().groups);
  }

 private:
  VariablePtr kernel_;
};

}  // namespace

Layer Conv2D(Conv2DOptions options) { return Layer(std::make_shared<Conv2DLayer>(std::move(options))); }

constinit const LayerClass kConv2DClass = layer_class<kConv2DFields, Conv2D>("Conv2D");

}  // namespace graft::layers
