// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

/// Sum of two or more inputs, as residual connections have it: Add()({x, shortcut}). Shapes that differ are
/// broadcast as merging.hpp says.
///   Input   list of (N, ...)
///   Output  (N, ...)
[[nodiscard]] Layer Add(const std::string& name = "");
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer add_from_config(const Json& config);

}  // namespace graft::layers
