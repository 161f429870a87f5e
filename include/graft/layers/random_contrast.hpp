// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graft/layers/layer.hpp"
#include "graft/layers/options.hpp"

namespace graft::layers {

struct RandomContrastOptions {
  Factor factor{};  ///< (low, high): the factor is drawn from 1 - low to 1 + high; one number means both
  Factor value_range{0, 255};
  std::optional<std::uint64_t> seed;  ///< unset: from random_seed() and the layer's name
  std::string name;
};

/// Moves each photo's pixels from their channel's mean by a random factor, in training alone.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomContrast(RandomContrastOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer random_contrast_from_config(const Json& config);

}  // namespace graft::layers
