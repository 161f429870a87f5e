// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct LayerNormalizationOptions {
  std::vector<std::int64_t> axis{-1};  ///< the axes of one mean: the last, or several up to the last
  double epsilon = 1e-3;               ///< added to the variance
  bool center = true;                  ///< has beta
  bool scale = true;                   ///< has gamma
  std::string beta_initializer = "zeros";
  std::string gamma_initializer = "ones";
  std::string name;
};

/// gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance over the given axes of each sample
/// (Ba et al., Layer Normalization, 2016). Options follow Keras.
///   Input, output  (N, ..., C)
///   Weights        gamma, beta: the sizes of the axes
///   Throws         Error{shape_mismatch}; Error{unsupported} for axes that do not end at the last
[[nodiscard]] Layer LayerNormalization(LayerNormalizationOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer layer_normalization_from_config(const Json& config);

}  // namespace graft::layers
