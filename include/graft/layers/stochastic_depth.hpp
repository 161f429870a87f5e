// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct StochasticDepthOptions {
  double drop_path_rate = 0;  ///< from 0 up to, not including, 1
  std::string name;
};

/// In training, zeroes whole samples with probability drop_path_rate and divides the others by 1 - it (Huang
/// et al., Deep Networks with Stochastic Depth, 2016); nothing in inference. As the layer of that name in
/// Keras's ConvNeXt.
///   Input, output  (N, ...)
[[nodiscard]] Layer StochasticDepth(StochasticDepthOptions options);
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer stochastic_depth_from_config(const Json& config);

}  // namespace graft::layers
