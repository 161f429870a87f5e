// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "graft/layers/layer.hpp"

namespace graft::layers {

/// One kind of layer that configs may name.
struct LayerClass {
  std::string_view class_name;
  Layer (*from_config)(const Json& config);
};

/// All of them, sorted by name. Nested models are not here: models/ knows them.
[[nodiscard]] std::span<const LayerClass> registry();

/// What is wrong with a class that is not among them, to be put after its name: why, and what to do.
[[nodiscard]] std::string_view why_unknown(std::string_view class_name);

/// The layer that a Keras config describes. Throws Error{unsupported} naming class and layer when it is not
/// known.
[[nodiscard]] Layer from_config(std::string_view class_name, const Json& config);

}  // namespace graft::layers
