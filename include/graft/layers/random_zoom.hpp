// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graft/layers/layer.hpp"
#include "graft/layers/options.hpp"

namespace graft::layers {

struct RandomZoomOptions {
  Factor height_factor{};              ///< 0.2 draws from -0.2 to 0.2; positive shows more (zooms out)
  std::optional<Factor> width_factor;  ///< unset: as the height, keeping the ratio
  Fill fill_mode = Fill::reflect;
  std::string interpolation = "bilinear";  ///< bilinear or nearest
  std::optional<std::uint64_t> seed;       ///< unset: from random_seed() and the layer's name
  double fill_value = 0;                   ///< of Fill::constant
  std::string name;
};

/// Zooms each photo by a random factor, in training alone.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomZoom(RandomZoomOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer random_zoom_from_config(const Json& config);

}  // namespace graft::layers
