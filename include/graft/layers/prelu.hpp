// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct PReLUOptions {
  std::string alpha_initializer = "zeros";
  std::vector<std::int64_t> shared_axes;  ///< axes, from 1 without the batch, along which alpha is one number
  std::string name;
};

/// x for x > 0, else alpha x with a learnt alpha (He et al., 2015).
///   Input, output  (N, ...)
///   Weights        alpha: the input's shape without the batch, 1 along shared axes
[[nodiscard]] Layer PReLU(PReLUOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer prelu_from_config(const Json& config);

}  // namespace graft::layers
