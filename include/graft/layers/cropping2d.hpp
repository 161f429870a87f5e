// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"
#include "graft/layers/options.hpp"

namespace graft::layers {

struct Cropping2DOptions {
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;  ///< rows and columns to cut off; not negative
  std::string name;
};

/// Cuts off rows and columns at the border.
///   Input   (N, H, W, C)
///   Output  (N, H - top - bottom, W - left - right, C)
[[nodiscard]] Layer Cropping2D(Cropping2DOptions options = {});
/// The same on opposite sides, as Keras reads cropping=(1, 2).
[[nodiscard]] Layer Cropping2D(Size2D cropping, const std::string& name = "");
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer cropping2d_from_config(const Json& config);

}  // namespace graft::layers
