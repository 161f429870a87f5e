// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct SpatialDropout2DOptions {
  double rate = 0.5;
  std::optional<std::uint64_t> seed;  ///< unset: from random_seed() and the layer's name
  std::string name;
};

/// In training, zeroes whole channels of a sample with probability rate and divides the others by 1 - rate
/// (Tompson et al., 2014); nothing in inference.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer SpatialDropout2D(SpatialDropout2DOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer spatial_dropout2d_from_config(const Json& config);

}  // namespace graft::layers
