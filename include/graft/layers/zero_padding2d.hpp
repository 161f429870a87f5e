// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/base/size2d.hpp"
#include "graft/layers/layer.hpp"

namespace graft::layers {

struct ZeroPadding2DOptions {
  std::int64_t top = 1, bottom = 1, left = 1, right = 1;  ///< rows and columns of zeros at each side
  std::string name;
};

/// Zeros around the image.
///   Input   (N, H, W, C)
///   Output  (N, top + H + bottom, left + W + right, C)
[[nodiscard]] Layer ZeroPadding2D(ZeroPadding2DOptions options = {});
/// Keras's padding = 1 or (1, 1): the same at both sides.
[[nodiscard]] Layer ZeroPadding2D(Size2D padding, const std::string& name = "");
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer zero_padding2d_from_config(const Json& config);

}  // namespace graft::layers
