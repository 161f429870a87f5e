// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/convolutional.hpp"

#include "layers/convolution_layer.hpp"

namespace graft::layers {
namespace {

class Conv2DLayer final : public ConvolutionLayer<Conv2DOptions> {
 public:
  explicit Conv2DLayer(Conv2DOptions given) : ConvolutionLayer("Conv2D", std::move(given)) {
    if (options().filters < 1) invalid("filters", options().filters);
    if (options().groups < 1 || options().filters % options().groups != 0)
      invalid("groups", options().groups);
    set_kernel_rules(*this, options());
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
    ops::Graph& graph = context.graph;
    const Shape input = graph.shape(inputs[0]);
    const ops::Convolution convolution{.window = make_window(window(), input), .groups = options().groups};
    const ops::ValueId y =
        graph.add(convolution, {inputs[0], weight(context, kernel_), bias(context), ops::kAbsent},
                  output_shape({input}));
    return lower_activation(graph, y, options().activation);
  }

  [[nodiscard]] Json own_config() const override {
    return with_shared_config({{"filters", options().filters},
                               {"groups", options().groups},
                               {"kernel_initializer", options().kernel_initializer}});
  }

 private:
  VariablePtr kernel_;
};

}  // namespace

Layer Conv2D(Conv2DOptions options) { return Layer(std::make_shared<Conv2DLayer>(std::move(options))); }

Layer conv2d_from_config(const Json& config) {
  const Config reader(config);
  auto options = shared_convolution_options<Conv2DOptions>(reader);
  options.filters = reader.integer("filters", 0);
  options.groups = reader.integer("groups", 1);
  options.kernel_initializer = reader.initializer("kernel_initializer", "glorot_uniform");
  return Conv2D(std::move(options));
}

}  // namespace graft::layers
