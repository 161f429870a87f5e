// SPDX-License-Identifier: Apache-2.0
// Activation layers (keras.layers, group activations).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

/// Applies an activation by its Keras name: relu, relu6, swish, sigmoid, softmax, ...
///   Input, output  any shape; softmax works on the last axis
///   Throws         Error{invalid_argument} for an unknown name
[[nodiscard]] Layer Activation(const std::string& activation, const std::string& name = "");

struct ReLUOptions {
  std::optional<double> max_value;
  double negative_slope = 0;
  double threshold = 0;
  std::string name;
};

/// max_value for x >= max_value, x for x >= threshold, else negative_slope (x - threshold).
///   Input, output  any shape
[[nodiscard]] Layer ReLU(ReLUOptions options = {});

struct LeakyReLUOptions {
  double negative_slope = 0.3;  ///< not negative
  std::string name;
};

/// x for x > 0, else negative_slope x.
///   Input, output  any shape
[[nodiscard]] Layer LeakyReLU(LeakyReLUOptions options = {});

struct ELUOptions {
  double alpha = 1;
  std::string name;
};

/// x for x > 0, else alpha (exp(x) - 1) (Clevert et al., 2016).
///   Input, output  any shape
[[nodiscard]] Layer ELU(ELUOptions options = {});

struct PReLUOptions {
  std::string alpha_initializer = "zeros";
  std::vector<std::int64_t> shared_axes;  ///< axes, from 1 without the batch, along which alpha is one number
  std::string name;
};

/// x for x > 0, else alpha x with a learnt alpha (He et al., 2015).
///   Input, output  (N, ...)
///   Weights        alpha: the input's shape without the batch, 1 along shared axes
[[nodiscard]] Layer PReLU(PReLUOptions options = {});

struct SoftmaxOptions {
  std::int64_t axis = -1;  ///< of the classes; -1: the last
  std::string name;
};

/// Softmax over one axis.
///   Input, output  (N, ..., classes)
[[nodiscard]] Layer Softmax(SoftmaxOptions options = {});

}  // namespace graft::layers

#pragma GCC visibility pop
