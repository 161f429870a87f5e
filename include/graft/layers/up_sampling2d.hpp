// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"
#include "graft/layers/options.hpp"

namespace graft::layers {

struct UpSampling2DOptions {
  Size2D size{2};                         ///< how many times as high and as wide
  std::string interpolation = "nearest";  ///< nearest or bilinear
  std::string name;
};

/// Repeats rows and columns, or interpolates between them.
///   Input   (N, H, W, C)
///   Output  (N, H size.height, W size.width, C)
[[nodiscard]] Layer UpSampling2D(UpSampling2DOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer up_sampling2d_from_config(const Json& config);

}  // namespace graft::layers
