// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct InputLayerOptions {
  Shape shape;  ///< without the batch axis: (H, W, C)
  std::string name;
};

/// Where a model's input enters. Usually made by Input().
///   Output  (N, shape...)
[[nodiscard]] Layer InputLayer(InputLayerOptions options);
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer from_config("InputLayer", const Json& config);

}  // namespace graft::layers

namespace graft {

/// A model's input: a symbolic tensor (None, shape...).
[[nodiscard]] SymbolicTensor Input(const Shape& shape, const std::string& name = "");

}  // namespace graft

namespace graft::layers {}  // namespace graft::layers
