// SPDX-License-Identifier: Apache-2.0
// Normalisation layers (keras.layers, group normalization).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

struct BatchNormalizationOptions {
  std::int64_t axis = -1;  ///< of the channels; -1: the last, 1: the first after the batch axis
  double momentum = 0.99;  ///< share of the old moving statistics that stays at each step
  double epsilon = 1e-3;
  bool center = true;  ///< has beta
  bool scale = true;   ///< has gamma
  std::string name;
};

/// Batch normalisation: one mean and variance per channel, over all other axes. In training mode with the
/// batch's statistics, which also move the moving ones; in inference mode, and always while it is not
/// trainable, with the moving statistics.
///   Input, output  (N, ..., C), or with C at `axis`
///   Weights        gamma, beta, moving_mean, moving_variance (C)
[[nodiscard]] Layer BatchNormalization(BatchNormalizationOptions options = {});

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

struct RMSNormalizationOptions {
  double epsilon = 1e-6;  ///< added to the mean of squares
  std::string name;
};

/// scale x / sqrt(mean(x^2) + epsilon), the mean over the last axis (Zhang and Sennrich, Root Mean Square
/// Layer Normalization, 2019). Options follow Keras.
///   Input, output  (N, ..., C)
///   Weights        scale (C)
[[nodiscard]] Layer RMSNormalization(RMSNormalizationOptions options = {});

/// x / |x|, the length over the last axis; a vector of zeros stays one (Keras's UnitNormalization).
///   Input, output  (N, ..., C)
[[nodiscard]] Layer UnitNormalization(const std::string& name = "");

}  // namespace graft::layers

#pragma GCC visibility pop
