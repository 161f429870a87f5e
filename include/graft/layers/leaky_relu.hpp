// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct LeakyReLUOptions {
  double negative_slope = 0.3;  ///< not negative
  std::string name;
};

/// x for x > 0, else negative_slope x.
///   Input, output  any shape
[[nodiscard]] Layer LeakyReLU(LeakyReLUOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer leaky_relu_from_config(const Json& config);

struct ELUOptions {
  double alpha = 1;
  std::string name;
};

/// x for x > 0, else alpha (exp(x) - 1) (Clevert et al., 2016).
///   Input, output  any shape
[[nodiscard]] Layer ELU(ELUOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer elu_from_config(const Json& config);

}  // namespace graft::layers
