// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graft/layers/layer.hpp"
#include "graft/layers/options.hpp"

namespace graft::layers {

struct RandomFlipOptions {
  Flip mode = Flip::horizontal_and_vertical;
  std::optional<std::uint64_t> seed;  ///< unset: from random_seed() and the layer's name
  std::string name;
};

/// Mirrors each photo with probability 1/2, in training alone.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomFlip(RandomFlipOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer random_flip_from_config(const Json& config);

}  // namespace graft::layers
