// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct ResizingOptions {
  std::int64_t height = 0, width = 0;
  std::string interpolation = "bilinear";  ///< bilinear or nearest
  std::string name;
};

/// Resizes images with half-pixel centres, without antialiasing.
///   Input   (N, H, W, C)
///   Output  (N, height, width, C)
[[nodiscard]] Layer Resizing(ResizingOptions options);
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer resizing_from_config(const Json& config);

}  // namespace graft::layers
