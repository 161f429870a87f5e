// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"
#include "graft/layers/options.hpp"

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
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer conv2d_from_config(const Json& config);

}  // namespace graft::layers
