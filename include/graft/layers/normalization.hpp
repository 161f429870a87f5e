// SPDX-License-Identifier: Apache-2.0
// Normalisation layers (keras.layers, group normalization).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

/// Arguments of BatchNormalization(), with Keras's names and defaults. Keras's axis is always -1 here.
struct BatchNormalizationOptions {
  std::int64_t axis = -1;  ///< of the channels; -1: the last, 1: the first after the batch axis
  double momentum = 0.99;  ///< share of the old moving statistics that stays at each step
  double epsilon = 1e-3;   ///< added to the variance
  bool center = true;      ///< adds beta
  bool scale = true;       ///< multiplies by gamma
  std::string name;        ///< first part of the weight paths; empty: automatic, "batch_normalization"
};

/// Batch normalisation: one mean and variance per channel, over all other axes. In training mode with the
/// batch's statistics, which also move the moving ones; in inference mode, and always while it is not
/// trainable, with the moving statistics.
///   Input, output  (N, ..., C), or with C at `axis`
///   Weights        gamma, beta, moving_mean, moving_variance (C)
[[nodiscard]] Layer BatchNormalization(BatchNormalizationOptions options = {});

/// Arguments of GroupNormalization(), with Keras's names and defaults.
struct GroupNormalizationOptions {
  std::int64_t groups = 32;  ///< divides the channels; -1: one group per channel (instance normalisation)
  double epsilon = 1e-3;     ///< added to the variance
  bool center = true;        ///< adds beta
  bool scale = true;         ///< multiplies by gamma
  std::string beta_initializer = "zeros";  ///< first values of beta: see values.hpp
  std::string gamma_initializer = "ones";  ///< first values of gamma
  std::string name;  ///< first part of the weight paths; empty: automatic, "group_normalization"
};

/// gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance of each sample over one group of
/// channels and all other axes (Wu and He, Group Normalization, 2018). Keras's axis is -1.
///   Input, output  (N, ..., C)
///   Weights        gamma, beta (C)
[[nodiscard]] Layer GroupNormalization(GroupNormalizationOptions options = {});

/// Arguments of LayerNormalization(), with Keras's names and defaults.
struct LayerNormalizationOptions {
  std::vector<std::int64_t> axis{-1};      ///< the axes of one mean: the last, or several up to the last
  double epsilon = 1e-3;                   ///< added to the variance
  bool center = true;                      ///< adds beta
  bool scale = true;                       ///< multiplies by gamma
  std::string beta_initializer = "zeros";  ///< first values of beta: see values.hpp
  std::string gamma_initializer = "ones";  ///< first values of gamma
  std::string name;  ///< first part of the weight paths; empty: automatic, "layer_normalization"
};

/// gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance over the given axes of each sample
/// (Ba et al., Layer Normalization, 2016).
///   Input, output  (N, ..., C)
///   Weights        gamma, beta: the sizes of the axes
///   Throws         Error{shape_mismatch}; Error{unsupported} for axes that do not end at the last
[[nodiscard]] Layer LayerNormalization(LayerNormalizationOptions options = {});

/// Arguments of RMSNormalization(), with Keras's names and defaults.
struct RMSNormalizationOptions {
  double epsilon = 1e-6;  ///< added to the mean of squares
  std::string name;       ///< first part of the weight paths; empty: automatic, "rms_normalization"
};

/// scale x / sqrt(mean(x^2) + epsilon), the mean over the last axis (Zhang and Sennrich, Root Mean Square
/// Layer Normalization, 2019).
///   Input, output  (N, ..., C)
///   Weights        scale (C)
[[nodiscard]] Layer RMSNormalization(RMSNormalizationOptions options = {});

/// x / |x|, the length over the last axis; a vector of zeros stays one (Keras's UnitNormalization).
///   Input, output  (N, ..., C)
[[nodiscard]] Layer UnitNormalization(const std::string& name = "");

}  // namespace graft::layers

#pragma GCC visibility pop
