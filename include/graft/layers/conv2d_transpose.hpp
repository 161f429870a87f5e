// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "graft/layers/layer.hpp"
#include "graft/layers/options.hpp"

namespace graft::layers {

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
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer conv2d_transpose_from_config(const Json& config);

}  // namespace graft::layers
