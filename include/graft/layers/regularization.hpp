// SPDX-License-Identifier: Apache-2.0
// Layers that act only in training against overfitting (keras.layers, group regularization).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

struct DropoutOptions {
  double rate = 0.5;
  /// Empty: a draw for every element. Else one size an axis, the batch's included; along an axis of size 1
  /// all elements share a draw, others have the input's size or -1 (Keras's None).
  Shape noise_shape{};
  std::optional<std::uint64_t> seed;  ///< unset: from random_seed() and the layer's name
  std::string name;
};

/// In training, zeroes elements with probability rate and divides the others by 1 - rate; nothing in
/// inference.
///   Input, output  any shape
[[nodiscard]] Layer Dropout(DropoutOptions options = {});

struct GaussianNoiseOptions {
  double stddev = 0;                  ///< from 0 to 1, as in Keras
  std::optional<std::uint64_t> seed;  ///< unset: from random_seed() and the layer's name
  std::string name;
};

/// Adds normal noise with mean 0 in training; nothing in inference.
///   Input, output  any shape
[[nodiscard]] Layer GaussianNoise(GaussianNoiseOptions options);

struct SpatialDropout2DOptions {
  double rate = 0.5;
  std::optional<std::uint64_t> seed;  ///< unset: from random_seed() and the layer's name
  std::string name;
};

/// In training, zeroes whole channels of a sample with probability rate and divides the others by 1 - rate
/// (Tompson et al., 2014); nothing in inference.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer SpatialDropout2D(SpatialDropout2DOptions options = {});

struct StochasticDepthOptions {
  double drop_path_rate = 0;  ///< from 0 up to, not including, 1
  std::string name;
};

/// In training, zeroes whole samples with probability drop_path_rate and divides the others by 1 - it (Huang
/// et al., Deep Networks with Stochastic Depth, 2016); nothing in inference. As the layer of that name in
/// Keras's ConvNeXt.
///   Input, output  (N, ...)
[[nodiscard]] Layer StochasticDepth(StochasticDepthOptions options);

}  // namespace graft::layers

#pragma GCC visibility pop
