// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct GroupNormalizationOptions {
  std::int64_t groups = 32;  ///< divides the channels; -1: as many as channels (instance normalisation)
  double epsilon = 1e-3;     ///< added to the variance
  bool center = true;        ///< has beta
  bool scale = true;         ///< has gamma
  std::string beta_initializer = "zeros";
  std::string gamma_initializer = "ones";
  std::string name;
};

/// gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance of each sample over one group of
/// channels and all other axes (Wu and He, Group Normalization, 2018). Options follow Keras; its axis is -1.
///   Input, output  (N, ..., C)
///   Weights        gamma, beta (C)
[[nodiscard]] Layer GroupNormalization(GroupNormalizationOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer group_normalization_from_config(const Json& config);

}  // namespace graft::layers
