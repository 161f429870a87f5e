// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct FlattenOptions {
  std::string name;
};

/// All axes but the batch's in one.
///   Input   (N, ...)
///   Output  (N, product)
[[nodiscard]] Layer Flatten(FlattenOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer flatten_from_config(const Json& config);

}  // namespace graft::layers
