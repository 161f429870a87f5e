// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graft/layers/layer.hpp"
#include "graft/layers/options.hpp"

namespace graft::layers {

struct RandomTranslationOptions {
  Factor height_factor{};  ///< positive: down
  Factor width_factor{};   ///< positive: right
  Fill fill_mode = Fill::reflect;
  std::string interpolation = "bilinear";  ///< bilinear or nearest
  std::optional<std::uint64_t> seed;       ///< unset: from random_seed() and the layer's name
  double fill_value = 0;                   ///< of Fill::constant
  std::string name;
};

/// Shifts each photo by random fractions of its size, in training alone.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomTranslation(RandomTranslationOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer random_translation_from_config(const Json& config);

}  // namespace graft::layers
