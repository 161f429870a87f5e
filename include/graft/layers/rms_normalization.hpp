// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct RMSNormalizationOptions {
  double epsilon = 1e-6;  ///< added to the mean of squares
  std::string name;
};

/// scale x / sqrt(mean(x^2) + epsilon), the mean over the last axis (Zhang and Sennrich, Root Mean Square
/// Layer Normalization, 2019). Options follow Keras.
///   Input, output  (N, ..., C)
///   Weights        scale (C)
[[nodiscard]] Layer RMSNormalization(RMSNormalizationOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer rms_normalization_from_config(const Json& config);

/// x / |x|, the length over the last axis; a vector of zeros stays one (Keras's UnitNormalization).
///   Input, output  (N, ..., C)
[[nodiscard]] Layer UnitNormalization(const std::string& name = "");
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer unit_normalization_from_config(const Json& config);

}  // namespace graft::layers
