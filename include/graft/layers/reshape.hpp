// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct ReshapeOptions {
  Shape target_shape;  ///< without the batch axis; one axis may be -1 and follows from the others
  std::string name;
};

/// The same elements in another shape.
///   Input   (N, ...)
///   Output  (N, target_shape...)
[[nodiscard]] Layer Reshape(ReshapeOptions options);
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer reshape_from_config(const Json& config);

}  // namespace graft::layers
