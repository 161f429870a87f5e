// SPDX-License-Identifier: Apache-2.0
// Convolutional layers (keras.layers, group convolutional).
#pragma once

#include <optional>
#include <string>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

struct Conv2DOptions {
  std::int64_t filters = 0;  ///< output channels; must be > 0
  Size2D kernel_size{};      ///< (height, width)
  Size2D strides{1};
  Padding padding = Padding::valid;   ///< same: output = ceil(input / stride)
  Size2D dilation_rate{1};            ///< 1 = dense
  std::int64_t groups = 1;            ///< divides input channels and filters
  std::string activation = "linear";  ///< a name of ops/activation.hpp, or softmax
  bool use_bias = true;
  std::string kernel_initializer = "glorot_uniform";
  std::string bias_initializer = "zeros";
  std::string kernel_regularizer{}, bias_regularizer{};  ///< "l2(0.0001)": see regularizer.hpp; empty: none
  std::string kernel_constraint{}, bias_constraint{};    ///< "max_norm(2)"
  std::string name;                                      ///< first part of the weight paths
};

/// 2D convolution. Options follow Keras.
///   Input    (N, H, W, C)
///   Output   (N, H', W', filters)
///   Weights  kernel (kh, kw, C / groups, filters); bias (filters)
///   Throws   Error{shape_mismatch}: layer name, expected, received; Error{invalid_argument} for bad options
[[nodiscard]] Layer Conv2D(Conv2DOptions options);

struct Conv2DTransposeOptions {
  std::int64_t filters = 0;  ///< output channels; must be > 0
  Size2D kernel_size{};      ///< (height, width)
  Size2D strides{1};
  Padding padding = Padding::valid;
  /// Rows and columns more at the bottom and the right, each less than its stride; unset: so that the output
  /// is H stride (same) or (H - 1) stride + max(kernel, stride) (valid).
  std::optional<Size2D> output_padding;
  Size2D dilation_rate{1};            ///< 1 = dense; above 1 only with strides of 1
  std::string activation = "linear";  ///< a name of ops/activation.hpp, or softmax
  bool use_bias = true;
  std::string kernel_initializer = "glorot_uniform";
  std::string bias_initializer = "zeros";
  std::string name;  ///< first part of the weight paths
};

/// Transposed 2D convolution: each input pixel spreads its kernel over the output. Options follow Keras.
///   Input    (N, H, W, C)
///   Output   (N, H', W', filters)
///   Weights  kernel (kh, kw, filters, C); bias (filters)
///   Throws   Error{shape_mismatch}: layer name, expected, received; Error{invalid_argument} for bad options
[[nodiscard]] Layer Conv2DTranspose(Conv2DTransposeOptions options);

struct DepthwiseConv2DOptions {
  Size2D kernel_size{};  ///< (height, width)
  Size2D strides{1};
  Padding padding = Padding::valid;
  std::int64_t depth_multiplier = 1;  ///< outputs per input channel
  Size2D dilation_rate{1};            ///< 1 = dense
  std::string activation = "linear";  ///< a name of ops/activation.hpp, or softmax
  bool use_bias = true;
  std::string depthwise_initializer = "glorot_uniform";
  std::string bias_initializer = "zeros";
  std::string name;  ///< first part of the weight paths
};

/// Each channel convolved by itself. Options follow Keras.
///   Input    (N, H, W, C)
///   Output   (N, H', W', C depth_multiplier)
///   Weights  kernel (kh, kw, C, depth_multiplier); bias (C depth_multiplier)
///   Throws   Error{shape_mismatch}: layer name, expected, received; Error{invalid_argument} for bad options
[[nodiscard]] Layer DepthwiseConv2D(DepthwiseConv2DOptions options);

struct SeparableConv2DOptions {
  std::int64_t filters = 0;  ///< output channels; must be > 0
  Size2D kernel_size{};      ///< (height, width) of the depthwise part
  Size2D strides{1};
  Padding padding = Padding::valid;
  Size2D dilation_rate{1};            ///< 1 = dense
  std::int64_t depth_multiplier = 1;  ///< depthwise outputs per input channel
  std::string activation = "linear";  ///< a name of ops/activation.hpp, or softmax
  bool use_bias = true;
  std::string depthwise_initializer = "glorot_uniform";
  std::string pointwise_initializer = "glorot_uniform";
  std::string bias_initializer = "zeros";
  std::string name;  ///< first part of the weight paths
};

/// Each channel convolved by itself, then a 1 x 1 convolution over all of them. Options follow Keras.
///   Input    (N, H, W, C)
///   Output   (N, H', W', filters)
///   Weights  depthwise_kernel (kh, kw, C, depth_multiplier); pointwise_kernel (1, 1, C depth_multiplier,
///            filters); bias (filters)
///   Throws   Error{shape_mismatch}: layer name, expected, received; Error{invalid_argument} for bad options
[[nodiscard]] Layer SeparableConv2D(SeparableConv2DOptions options);

}  // namespace graft::layers

#pragma GCC visibility pop
