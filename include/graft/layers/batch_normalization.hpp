// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct BatchNormalizationOptions {
  double momentum = 0.99;  ///< share of the old moving statistics that stays at each step
  double epsilon = 1e-3;
  bool center = true;  ///< has beta
  bool scale = true;   ///< has gamma
  std::string name;
};

/// Batch normalisation over the last axis. In training mode with the batch's statistics, which also move the
/// moving ones; in inference mode, and always while it is not trainable, with the moving statistics.
///   Input, output  (N, ..., C)
///   Weights        gamma, beta, moving_mean, moving_variance (C)
[[nodiscard]] Layer BatchNormalization(BatchNormalizationOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer batch_normalization_from_config(const Json& config);

}  // namespace graft::layers
