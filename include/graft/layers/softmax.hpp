// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct SoftmaxOptions {
  std::string name;
};

/// Softmax over the last axis.
///   Input, output  (N, ..., classes)
[[nodiscard]] Layer Softmax(SoftmaxOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer softmax_from_config(const Json& config);

}  // namespace graft::layers
