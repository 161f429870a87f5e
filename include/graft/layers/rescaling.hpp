// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct RescalingOptions {
  std::vector<double> scale{1};   ///< one number, or one per channel
  std::vector<double> offset{0};  ///< one number, or one per channel
  std::string name;
};

/// x scale + offset, for every element or with one number per channel.
///   Input, output  (N, ..., C)
[[nodiscard]] Layer Rescaling(RescalingOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer rescaling_from_config(const Json& config);

}  // namespace graft::layers
