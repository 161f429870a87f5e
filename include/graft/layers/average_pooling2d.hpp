// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"
#include "graft/layers/options.hpp"

namespace graft::layers {

struct AveragePooling2DOptions {
  Size2D pool_size{2};
  Size2D strides{0};  ///< 0: as pool_size
  Padding padding = Padding::valid;
  std::string name;
};

/// The mean of each window; padding does not count, as in TensorFlow.
///   Input   (N, H, W, C)
///   Output  (N, H', W', C)
[[nodiscard]] Layer AveragePooling2D(AveragePooling2DOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer average_pooling2d_from_config(const Json& config);

}  // namespace graft::layers
