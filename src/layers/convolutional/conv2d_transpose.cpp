// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/convolutional.hpp"

#include "layers/convolutional/convolution_layer.hpp"
#include "layers/merging/broadcasting.hpp"

namespace graft::layers {
namespace {

constexpr auto kConv2DTransposeFields =
    fields<Conv2DTransposeOptions>(
        field<&Conv2DTransposeOptions::filters>("filters"),
        field<&Conv2DTransposeOptions::output_padding>("output_padding"),
        field<&Conv2DTransposeOptions::kernel_initializer, InitializerCodec>("kernel_initializer")) +
    kConvolutionFields<Conv2DTransposeOptions>;

/// One axis of a transposed convolution.
struct Axis {
  std::int64_t kernel = 1, stride = 1, dilation = 1;
  std::optional<std::int64_t> output_padding;

  /// The output's extent, as Keras works it out; open for an open input.
  [[nodiscard]] std::int64_t output(std::int64_t input, Padding padding) const {
    if (input < 0) return -1;
    const std::int64_t reach = (kernel - 1) * dilation + 1;
    if (padding == Padding::valid)
      return (input - 1) * stride + reach + output_padding.value_or(std::max(reach, stride) - reach);
    return output_padding ? (input - 1) * stride + reach % 2 + *output_padding : input * stride;
  }
};

class Conv2DTransposeLayer final : public ConvolutionLayer<kConv2DTransposeFields> {
 public:
  explicit Conv2DTransposeLayer(Conv2DTransposeOptions given)
      : ConvolutionLayer("Conv2DTranspose", std::move(given)) {
    const Size2D s = options().strides;
    const Size2D d = options().dilation_rate;
    if (options().filters < 1) invalid("filters", options().filters);
    if (std::max(s.height, s.width) > 1 && std::max(d.height, d.width) > 1)
      invalid("dilation_rate with strides above 1", std::max(d.height, d.width));
    if (!options().output_padding) return;
    const Size2D more = *options().output_padding;
    if (more.height < 0 || more.height >= s.height) invalid("output_padding", more.height);
    if (more.width < 0 || more.width >= s.width) invalid("output_padding", more.width);
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = image_input(inputs);
    Shape output{input[0], vertical().output(input[1], options().padding),
                 horizontal().output(input[2], options().padding), options().filters};
    // The convolution of which this is the gradient must map the output's size to the input's.
    const Size2D back = window_output_size(window(), output);
    if (back != Size2D{input[1], input[2]}) {
      bad_input(cat("an input that a convolution with this kernel, these strides and this padding makes of ",
                    output, "; choose another output_padding"),
                input);
    }
    return output;
  }

  void build(const std::vector<Shape>& inputs) override {
    const Size2D k = options().kernel_size;
    kernel_ = add_weight("kernel", {k.height, k.width, options().filters, inputs.front()[3]},
                         options().kernel_initializer);
    finish_build(inputs.front(), options().filters);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    ops::Graph& graph = context.graph;
    const Shape output = output_shape({graph.shape(inputs[0])});
    ops::ValueId y = graph.add(ops::ConvolutionBackwardInput{.window = make_window(window(), output)},
                               {inputs[0], weight(context, kernel_)}, output);
    if (const ops::ValueId added = bias(context); added != ops::kAbsent)
      y = lower_binary(graph, ops::BinaryKind::add, y, reshaped(graph, added, {1, 1, 1, output[3]}));
    return lower_activation(graph, y, options().activation);
  }

 private:
  [[nodiscard]] Axis vertical() const {
    return {options().kernel_size.height, options().strides.height, options().dilation_rate.height,
            options().output_padding ? std::optional(options().output_padding->height) : std::nullopt};
  }
  [[nodiscard]] Axis horizontal() const {
    return {options().kernel_size.width, options().strides.width, options().dilation_rate.width,
            options().output_padding ? std::optional(options().output_padding->width) : std::nullopt};
  }

  VariablePtr kernel_;
};

}  // namespace

Layer Conv2DTranspose(Conv2DTransposeOptions options) {
  return Layer(std::make_shared<Conv2DTransposeLayer>(std::move(options)));
}

constinit const LayerClass kConv2DTransposeClass =
    layer_class<kConv2DTransposeFields, Conv2DTranspose>("Conv2DTranspose");

}  // namespace graft::layers
