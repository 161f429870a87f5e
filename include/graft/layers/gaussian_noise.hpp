// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct GaussianNoiseOptions {
  double stddev = 0;                  ///< from 0 to 1, as Keras has it
  std::optional<std::uint64_t> seed;  ///< unset: from random_seed() and the layer's name
  std::string name;
};

/// Adds normal noise with mean 0 in training; nothing in inference.
///   Input, output  any shape
[[nodiscard]] Layer GaussianNoise(GaussianNoiseOptions options);
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer gaussian_noise_from_config(const Json& config);

}  // namespace graft::layers
