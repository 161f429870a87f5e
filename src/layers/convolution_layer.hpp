// SPDX-License-Identifier: Apache-2.0
// What the convolutional layers share: a window over H and W, an activation, a bias; their checks and config.
#pragma once

#include <utility>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/extend/layer.hpp"

#include "layers/config.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {

/// Options has kernel_size, strides, padding, dilation_rate, activation, use_bias, bias_initializer and name.
template <typename Options>
class ConvolutionLayer : public LayerBase {
 public:
  ConvolutionLayer(const char* class_name, Options options)
      : LayerBase(class_name, options.name), options_(std::move(options)) {
    at_least_one("kernel_size", options_.kernel_size);
    at_least_one("strides", options_.strides);
    at_least_one("dilation_rate", options_.dilation_rate);
    check_activation(cat(this->class_name(), " '", name(), "'"), options_.activation);
  }

 protected:
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] std::int64_t channels() const { return channels_; }
  [[nodiscard]] WindowOptions window() const {
    return {options_.kernel_size, options_.strides, options_.dilation_rate, options_.padding};
  }
  /// Remembers the input channels and adds the bias; to be called after the kernels were added.
  void finish_build(const Shape& input, std::int64_t filters) {
    channels_ = input[3];
    if (options_.use_bias) bias_ = add_weight("bias", {filters}, options_.bias_initializer);
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
      bad_input(cat("an input of at least the kernel's size (", options_.kernel_size.height, ", ",
                    options_.kernel_size.width, ")"),
                input);
    }
    return {input[0], size.height, size.width, filters};
  }

  /// The keys that all of them have, and the given ones.
  [[nodiscard]] Json with_shared_config(Json own) const {
    own.update({{"kernel_size", size_json(options_.kernel_size)},
                {"strides", size_json(options_.strides)},
                {"padding", padding_name(options_.padding)},
                {"data_format", "channels_last"},
                {"dilation_rate", size_json(options_.dilation_rate)},
                {"activation", options_.activation},
                {"use_bias", options_.use_bias},
                {"bias_initializer", options_.bias_initializer}});
    return own;
  }
  [[noreturn]] void invalid(const char* option, std::int64_t value) const {
    fail(ErrorKind::invalid_argument, class_name(), " '", name(), "': ", option, " = ", value,
         " is not allowed");
  }

 private:
  void at_least_one(const char* option, Size2D size) const {
    if (size.height < 1) invalid(option, size.height);
    if (size.width < 1) invalid(option, size.width);
  }

  Options options_;
  std::int64_t channels_ = 0;
  VariablePtr bias_;
};

/// The options that all convolutional layers have, from a config.
template <typename Options>
[[nodiscard]] Options shared_convolution_options(const Config& reader) {
  reader.require_channels_last();
  Options options;
  options.kernel_size = reader.size("kernel_size", {});
  options.strides = reader.size("strides", 1);
  options.padding = reader.padding();
  options.dilation_rate = reader.size("dilation_rate", 1);
  options.activation = reader.activation();
  options.use_bias = reader.boolean("use_bias", true);
  options.bias_initializer = reader.initializer("bias_initializer", "zeros");
  options.name = reader.name();
  return options;
}

}  // namespace graft::layers
