// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct ConcatenateOptions {
  int axis = -1;  ///< counted with the batch axis; negative from the last
  std::string name;
};

/// Joins inputs along an axis; the other axes must agree.
///   Input   list of (N, ...)
///   Output  (N, ...)
[[nodiscard]] Layer Concatenate(ConcatenateOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer concatenate_from_config(const Json& config);

}  // namespace graft::layers
