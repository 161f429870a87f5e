// SPDX-License-Identifier: Apache-2.0
// Layers that act only in training against overfitting (keras.layers, group regularization).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

/// Arguments of Dropout(), with Keras's names.
struct DropoutOptions {
  double rate = 0.5;  ///< probability of a zero, from 0 to 1; Keras has no default
  /// Empty: a draw for every element. Else one size an axis, the batch's included; along an axis of size 1
  /// all elements share a draw, others have the input's size or -1 (Keras's None).
  Shape noise_shape{};
  std::optional<std::uint64_t> seed;  ///< unset: from random_seed() and the layer's name
  std::string name;                   ///< empty: automatic, "dropout"
};

/// In training, zeroes elements with probability rate and divides the others by 1 - rate; nothing in
/// inference.
///   Input, output  any shape
[[nodiscard]] Layer Dropout(DropoutOptions options = {});

/// Arguments of GaussianNoise(), with Keras's names.
struct GaussianNoiseOptions {
  double stddev = 0;                  ///< standard deviation of the noise, from 0 to 1
  std::optional<std::uint64_t> seed;  ///< unset: from random_seed() and the layer's name
  std::string name;                   ///< empty: automatic, "gaussian_noise"
};

/// Adds normal noise with mean 0 in training; nothing in inference.
///   Input, output  any shape
[[nodiscard]] Layer GaussianNoise(GaussianNoiseOptions options);

/// Arguments of SpatialDropout2D(), with Keras's names.
struct SpatialDropout2DOptions {
  double rate = 0.5;                  ///< probability of a zero channel, from 0 to 1; Keras has no default
  std::optional<std::uint64_t> seed;  ///< unset: from random_seed() and the layer's name
  std::string name;                   ///< empty: automatic, "spatial_dropout2d"
};

/// In training, zeroes whole channels of a sample with probability rate and divides the others by 1 - rate
/// (Tompson et al., 2014); nothing in inference.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer SpatialDropout2D(SpatialDropout2DOptions options = {});

/// Arguments of StochasticDepth(), with Keras's names.
struct StochasticDepthOptions {
  double drop_path_rate = 0;  ///< probability of a zero sample, from 0 to 1
  std::string name;           ///< empty: automatic, "stochastic_depth"
};

/// In training, zeroes whole samples with probability drop_path_rate and divides the others by 1 - it (Huang
/// et al., Deep Networks with Stochastic Depth, 2016); nothing in inference. As the layer of that name in
/// Keras's ConvNeXt.
///   Input, output  (N, ...)
[[nodiscard]] Layer StochasticDepth(StochasticDepthOptions options);

}  // namespace graft::layers

#pragma GCC visibility pop
