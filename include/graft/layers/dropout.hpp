// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct DropoutOptions {
  double rate = 0.5;
  /// Empty: a draw for every element. Else one size an axis, the batch's included; along an axis of size 1
  /// all elements share a draw, others have the input's size or -1 (Keras's None).
  Shape noise_shape{};
  std::optional<std::uint64_t> seed;  ///< unset: from random_seed() and the layer's name
  std::string name;
};

/// In training, zeroes elements with probability rate and divides the others by 1 - rate; nothing in
/// inference.
///   Input, output  any shape
[[nodiscard]] Layer Dropout(DropoutOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer dropout_from_config(const Json& config);

}  // namespace graft::layers
