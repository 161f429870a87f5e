// SPDX-License-Identifier: Apache-2.0
// Dense, inputs, and the per-channel scale (keras.layers, group core).
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

struct DenseOptions {
  std::int64_t units = 0;             ///< outputs; must be > 0
  std::string activation = "linear";  ///< a name of ops/activation.hpp, or softmax
  bool use_bias = true;
  std::string kernel_initializer = "glorot_uniform";
  std::string bias_initializer = "zeros";
  std::string kernel_regularizer{}, bias_regularizer{};  ///< "l2(0.0001)": see regularizer.hpp; empty: none
  std::string kernel_constraint{}, bias_constraint{};    ///< "max_norm(2)"
  std::string name;
};

/// Fully connected layer, on the last axis of an input of any rank.
///   Input    (N, ..., I)
///   Output   (N, ..., units)
///   Weights  kernel (I, units); bias (units)
[[nodiscard]] Layer Dense(DenseOptions options);

struct InputLayerOptions {
  Shape shape;  ///< without the batch axis: (H, W, C)
  std::string name;
};

/// Where a model's input enters. Usually made by Input().
///   Output  (N, shape...)
[[nodiscard]] Layer InputLayer(InputLayerOptions options);

struct LayerScaleOptions {
  double init_values = 1e-6;        ///< what gamma begins with
  std::int64_t projection_dim = 0;  ///< channels; must be > 0
  std::string name;
};

/// x gamma, one number per channel (Touvron et al., Going Deeper with Image Transformers, 2021), as the layer
/// of that name in Keras's ConvNeXt.
///   Input, output  (N, ..., C)
///   Weights        gamma (projection_dim)
[[nodiscard]] Layer LayerScale(LayerScaleOptions options);

}  // namespace graft::layers

namespace graft {

/// A model's input: a symbolic tensor (None, shape...).
[[nodiscard]] SymbolicTensor Input(const Shape& shape, const std::string& name = "");

}  // namespace graft

#pragma GCC visibility pop
