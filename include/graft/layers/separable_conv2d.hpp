// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"
#include "graft/layers/options.hpp"

namespace graft::layers {

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
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer separable_conv2d_from_config(const Json& config);

}  // namespace graft::layers
