// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

/// Applies an activation by its Keras name: relu, relu6, swish, sigmoid, softmax, ...
///   Input, output  any shape; softmax works on the last axis
///   Throws         Error{invalid_argument} for an unknown name
[[nodiscard]] Layer Activation(const std::string& activation, const std::string& name = "");
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer activation_from_config(const Json& config);

}  // namespace graft::layers
