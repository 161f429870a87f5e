// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

// Layers that compute one array from several, element by element. Inputs have one rank, or are given axes of
// size 1 after the batch axis until they have; an axis of size 1 is taken for all of the others' (so that
// (N, 1, 1, C) scales (N, H, W, C) by channel). As keras.layers.Multiply and its siblings.
//   Input   list of (N, ...)
//   Output  (N, ...), the broadcast shape
//   Throws  Error{shape_mismatch} naming the layer and the shapes, Error{invalid_argument} for too few inputs

[[nodiscard]] Layer Multiply(const std::string& name = "");
/// The first input minus the second; exactly two.
[[nodiscard]] Layer Subtract(const std::string& name = "");
[[nodiscard]] Layer Average(const std::string& name = "");
/// Where two are equal the gradient goes to the first, as in TensorFlow.
[[nodiscard]] Layer Maximum(const std::string& name = "");
[[nodiscard]] Layer Minimum(const std::string& name = "");

/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer multiply_from_config(const Json& config);
[[nodiscard]] Layer subtract_from_config(const Json& config);
[[nodiscard]] Layer average_from_config(const Json& config);
[[nodiscard]] Layer maximum_from_config(const Json& config);
[[nodiscard]] Layer minimum_from_config(const Json& config);

}  // namespace graft::layers
