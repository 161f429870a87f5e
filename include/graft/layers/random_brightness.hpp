// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graft/layers/layer.hpp"
#include "graft/layers/options.hpp"

namespace graft::layers {

struct RandomBrightnessOptions {
  Factor factor{};  ///< fractions of the value range; 0.2 draws from -0.2 to 0.2
  Factor value_range{0, 255};
  std::optional<std::uint64_t> seed;  ///< unset: from random_seed() and the layer's name
  std::string name;
};

/// Makes each photo brighter or darker by a random part of the value range, in training alone.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomBrightness(RandomBrightnessOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer random_brightness_from_config(const Json& config);

}  // namespace graft::layers
