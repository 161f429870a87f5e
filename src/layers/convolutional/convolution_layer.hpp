// SPDX-License-Identifier: Apache-2.0
// Shared by the convolutional layers: a window over H and W, an activation, a bias; their checks and config.
#pragma once

#include <utility>
#include <vector>

#include "graft/base/fail.hpp"

#include "layers/layer_class.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {

/// The options that all of them have, after those of one class.
template <typename Options>
inline constexpr auto kConvolutionFields = fields<Options>(
    field<&Options::kernel_size>("kernel_size"), field<&Options::strides>("strides"),
    field<&Options::padding>("padding"), data_format_field<Options>(),
    field<&Options::dilation_rate>("dilation_rate"),
    field<&Options::activation, ActivationCodec>("activation"), field<&Options::use_bias>("use_bias"),
    field<&Options::bias_initializer, InitializerCodec>("bias_initializer"));

/// kFields ends with kConvolutionFields.
template <const auto& kFields>
class ConvolutionLayer : public OptionsLayer<kFields> {
 public:
  using Options = OptionsOf<kFields>;
  ConvolutionLayer(const char* class_name, Options given)
      : OptionsLayer<kFields>(class_name, std::move(given)) {
    at_least_one("kernel_size", options().kernel_size);
    at_least_one("strides", options().strides);
    at_least_one("dilation_rate", options().dilation_rate);
    check_activation(cat(class_name, " '", name(), "'"), options().activation);
  }
  using LayerBase::name;

 protected:
  using LayerBase::add_weight;
  using LayerBase::bad_input;
  using LayerBase::built;
  using LayerBase::only_input;
  using LayerBase::weight;
  using OptionsLayer<kFields>::options;
  [[nodiscard]] std::int64_t channels() const { return channels_; }
  [[nodiscard]] WindowOptions window() const {
    return {options().kernel_size, options().strides, options().dilation_rate, options().padding};
  }
  /// Remembers the input channels and adds the bias; to be called after the kernels were added.
  void finish_build(const Shape& input, std::int64_t filters) {
    channels_ = input[3];
    if (options().use_bias) bias_ = add_weight("bias", {filters}, options().bias_initializer);
  }
  [[nodiscard]] ops::ValueId bias(const LowerContext& context) const {
    return bias_ ? weight(context, bias_) : ops::kAbsent;
  }

  /// The only input, (N, H, W, C) with the channels that the kernel was built for.
  [[nodiscard]] const Shape& image_input(const std::vector<Shape>& inputs) const {
    const Shape& input = only_input(inputs, 4);
    if (input[3] < 1) bad_input("a known number of channels", input);
    if (built() && input[3] != channels_) bad_input(cat("input (N, H, W, ", channels_, ")"), input);
    return input;
  }
  /// Output shape of a window that slides over the input.
  [[nodiscard]] Shape slid_over(const Shape& input, std::int64_t filters) const {
    const Size2D size = window_output_size(window(), input);
    if (size.height == 0 || size.width == 0) {
      bad_input(cat("an input of at least the kernel's size (", options().kernel_size.height, ", ",
                    options().kernel_size.width, ")"),
                input);
    }
    return {input[0], size.height, size.width, filters};
  }

  /// Appends the convolution with the layer's window, bias and activation.
  [[nodiscard]] ops::ValueId lower_convolution(LowerContext& context, ops::ValueId x,
                                               const VariablePtr& kernel, std::int64_t groups) const {
    ops::Graph& graph = context.graph;
    const Shape input = graph.shape(x);
    const ops::Convolution convolution{.window = make_window(window(), input), .groups = groups};
    const ops::ValueId y = graph.add(convolution, {x, weight(context, kernel), bias(context), ops::kAbsent},
                                     this->output_shape({input}));
    return lower_activation(graph, y, options().activation);
  }

  [[noreturn]] void invalid(const char* option, std::int64_t value) const {
    fail(ErrorKind::invalid_argument, this->class_name(), " '", name(), "': ", option, " = ", value,
         " is not allowed");
  }

 private:
  void at_least_one(const char* option, Size2D size) const {
    if (size.height < 1) invalid(option, size.height);
    if (size.width < 1) invalid(option, size.width);
  }

  std::int64_t channels_ = 0;
  VariablePtr bias_;
};

}  // namespace graft::layers
