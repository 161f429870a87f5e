// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct NormalizationOptions {
  std::vector<double> mean;      ///< one per channel; both empty: weights that start at 0 and 1, to be loaded
  std::vector<double> variance;  ///< one per channel
  std::string name;
};

/// (x - mean) / sqrt(variance) per channel of the last axis.
///   Input, output  (N, ..., C)
///   Weights        mean, variance (C) and count where no numbers are given; they never train
[[nodiscard]] Layer Normalization(NormalizationOptions options = {});
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer normalization_from_config(const Json& config);

}  // namespace graft::layers
