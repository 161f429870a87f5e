// SPDX-License-Identifier: Apache-2.0
// Convolutional layers (keras.layers, group convolutional).
#pragma once

#include <optional>
#include <string>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

/// Arguments of Conv2D(), with Keras's names and defaults.
struct Conv2DOptions {
  std::int64_t filters = 0;           ///< output channels; must be > 0
  Size2D kernel_size{};               ///< (height, width)
  Size2D strides{1};                  ///< (rows, columns) from one window to the next
  Padding padding = Padding::valid;   ///< same: output = ceil(input / stride)
  Size2D dilation_rate{1};            ///< 1 = dense
  std::int64_t groups = 1;            ///< divides input channels and filters; each group has its own kernel
  std::string activation = "linear";  ///< a name of graft/extend/activation.hpp, or softmax
  bool use_bias = true;               ///< adds one number to each output channel
  std::string kernel_initializer = "glorot_uniform";     ///< first values of the kernel: see values.hpp
  std::string bias_initializer = "zeros";                ///< first values of the bias
  std::string kernel_regularizer{}, bias_regularizer{};  ///< "l2(0.0001)", or L2{1e-4}; empty: none
  std::string kernel_constraint{}, bias_constraint{};    ///< "max_norm(2)", or MaxNorm{}; empty: none
  std::string name;  ///< first part of the weight paths; empty: automatic, "conv2d"
};

/// 2D convolution (keras.layers.Conv2D).
///   Input    (N, H, W, C)
///   Output   (N, H', W', filters)
///   Weights  kernel (kh, kw, C / groups, filters); bias (filters)
///   Throws   Error{shape_mismatch}: layer name, expected, received; Error{invalid_argument} for bad options
[[nodiscard]] Layer Conv2D(Conv2DOptions options);

/// Arguments of Conv2DTranspose(), with Keras's names and defaults.
struct Conv2DTransposeOptions {
  std::int64_t filters = 0;          ///< output channels; must be > 0
  Size2D kernel_size{};              ///< (height, width)
  Size2D strides{1};                 ///< (rows, columns) of the output between two input pixels
  Padding padding = Padding::valid;  ///< same: output = input stride; valid: see output_padding
  /// Rows and columns more at the bottom and the right, each less than its stride; unset: so that the output
  /// is H stride (same) or (H - 1) stride + max(kernel, stride) (valid).
  std::optional<Size2D> output_padding;
  Size2D dilation_rate{1};                            ///< 1 = dense; above 1 only with strides of 1
  std::string activation = "linear";                  ///< a name of graft/extend/activation.hpp, or softmax
  bool use_bias = true;                               ///< adds one number to each output channel
  std::string kernel_initializer = "glorot_uniform";  ///< first values of the kernel: see values.hpp
  std::string bias_initializer = "zeros";             ///< first values of the bias
  std::string name;  ///< first part of the weight paths; empty: automatic, "conv2d_transpose"
};

/// Transposed 2D convolution: each input pixel spreads its kernel over the output.
///   Input    (N, H, W, C)
///   Output   (N, H', W', filters)
///   Weights  kernel (kh, kw, filters, C); bias (filters)
///   Throws   Error{shape_mismatch}: layer name, expected, received; Error{invalid_argument} for bad options
[[nodiscard]] Layer Conv2DTranspose(Conv2DTransposeOptions options);

/// Arguments of DepthwiseConv2D(), with Keras's names and defaults.
struct DepthwiseConv2DOptions {
  Size2D kernel_size{};               ///< (height, width)
  Size2D strides{1};                  ///< (rows, columns) from one window to the next
  Padding padding = Padding::valid;   ///< same: output = ceil(input / stride)
  std::int64_t depth_multiplier = 1;  ///< outputs per input channel
  Size2D dilation_rate{1};            ///< 1 = dense
  std::string activation = "linear";  ///< a name of graft/extend/activation.hpp, or softmax
  bool use_bias = true;               ///< adds one number to each output channel
  std::string depthwise_initializer = "glorot_uniform";  ///< first depthwise kernel: see values.hpp
  std::string bias_initializer = "zeros";                ///< first values of the bias
  std::string name;  ///< first part of the weight paths; empty: automatic, "depthwise_conv2d"
};

/// Each channel convolved by itself.
///   Input    (N, H, W, C)
///   Output   (N, H', W', C depth_multiplier)
///   Weights  kernel (kh, kw, C, depth_multiplier); bias (C depth_multiplier)
///   Throws   Error{shape_mismatch}: layer name, expected, received; Error{invalid_argument} for bad options
[[nodiscard]] Layer DepthwiseConv2D(DepthwiseConv2DOptions options);

/// Arguments of SeparableConv2D(), with Keras's names and defaults.
struct SeparableConv2DOptions {
  std::int64_t filters = 0;           ///< output channels; must be > 0
  Size2D kernel_size{};               ///< (height, width) of the depthwise part
  Size2D strides{1};                  ///< (rows, columns) from one window to the next
  Padding padding = Padding::valid;   ///< same: output = ceil(input / stride)
  Size2D dilation_rate{1};            ///< 1 = dense
  std::int64_t depth_multiplier = 1;  ///< depthwise outputs per input channel
  std::string activation = "linear";  ///< a name of graft/extend/activation.hpp, or softmax
  bool use_bias = true;               ///< adds one number to each output channel
  std::string depthwise_initializer = "glorot_uniform";  ///< first depthwise kernel: see values.hpp
  std::string pointwise_initializer = "glorot_uniform";  ///< first pointwise kernel: see values.hpp
  std::string bias_initializer = "zeros";                ///< first values of the bias
  std::string name;  ///< first part of the weight paths; empty: automatic, "separable_conv2d"
};

/// Each channel convolved by itself, then a 1 x 1 convolution over all of them.
///   Input    (N, H, W, C)
///   Output   (N, H', W', filters)
///   Weights  depthwise_kernel (kh, kw, C, depth_multiplier); pointwise_kernel (1, 1, C depth_multiplier,
///            filters); bias (filters)
///   Throws   Error{shape_mismatch}: layer name, expected, received; Error{invalid_argument} for bad options
[[nodiscard]] Layer SeparableConv2D(SeparableConv2DOptions options);

}  // namespace graft::layers

#pragma GCC visibility pop
