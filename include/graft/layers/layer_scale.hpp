// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct LayerScaleOptions {
  double init_values = 1e-6;        ///< what gamma begins with
  std::int64_t projection_dim = 0;  ///< channels; must be > 0
  std::string name;
};

/// x gamma, one number per channel (Touvron et al., Going Deeper with Image Transformers, 2021), as the layer
/// of that name in Keras's ConvNeXt.
///   Input, output  (N, ..., C)
///   Weights        gamma (projection_dim)
[[nodiscard]] Layer LayerScale(LayerScaleOptions options);
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer layer_scale_from_config(const Json& config);

}  // namespace graft::layers
