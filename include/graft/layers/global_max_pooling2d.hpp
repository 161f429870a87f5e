// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct GlobalMaxPooling2DOptions {
  bool keepdims = false;
  std::string name;
};

/// The largest element of each channel over the image.
///   Input   (N, H, W, C)
///   Output  (N, C), or (N, 1, 1, C) with keepdims
[[nodiscard]] Layer GlobalMaxPooling2D(GlobalMaxPooling2DOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer global_max_pooling2d_from_config(const Json& config);

}  // namespace graft::layers
