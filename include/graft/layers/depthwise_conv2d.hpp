// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"
#include "graft/layers/options.hpp"

namespace graft::layers {

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
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer depthwise_conv2d_from_config(const Json& config);

}  // namespace graft::layers
