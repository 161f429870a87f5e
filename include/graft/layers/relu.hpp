// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct ReLUOptions {
  std::optional<double> max_value;
  double negative_slope = 0;
  double threshold = 0;
  std::string name;
};

/// max_value for x >= max_value, x for x >= threshold, else negative_slope (x - threshold).
///   Input, output  any shape
[[nodiscard]] Layer ReLU(ReLUOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer relu_from_config(const Json& config);

}  // namespace graft::layers
