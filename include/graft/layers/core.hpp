// SPDX-License-Identifier: Apache-2.0
// Input, Dense, activations, and arithmetic on symbolic tensors.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

// Dense, inputs, and the per-channel scale (keras.layers, group core).

namespace graft::layers {

/// Arguments of Dense(), with Keras's names and defaults.
struct DenseOptions {
  std::int64_t units = 0;                             ///< outputs; must be > 0
  std::string activation = "linear";                  ///< a name of graft/extend/activation.hpp, or softmax
  bool use_bias = true;                               ///< adds one number to each output
  std::string kernel_initializer = "glorot_uniform";  ///< first values of the kernel: see values.hpp
  std::string bias_initializer = "zeros";             ///< first values of the bias
  std::string kernel_regularizer{}, bias_regularizer{};  ///< "l2(0.0001)", or L2{1e-4}; empty: none
  std::string kernel_constraint{}, bias_constraint{};    ///< "max_norm(2)", or MaxNorm{}; empty: none
  std::string name;  ///< first part of the weight paths; empty: automatic, "dense"
};

/// Fully connected layer, on the last axis of an input of any rank.
///   Input    (N, ..., I)
///   Output   (N, ..., units)
///   Weights  kernel (I, units); bias (units)
[[nodiscard]] Layer Dense(DenseOptions options);

/// Arguments of InputLayer(), with Keras's names.
struct InputLayerOptions {
  Shape shape;       ///< without the batch axis: (H, W, C)
  std::string name;  ///< empty: automatic, "input_layer"
};

/// Where a model's input enters. Usually made by Input().
///   Output  (N, shape...)
[[nodiscard]] Layer InputLayer(InputLayerOptions options);

/// Arguments of LayerScale(), with Keras's names.
struct LayerScaleOptions {
  double init_values = 1e-6;        ///< what gamma begins with
  std::int64_t projection_dim = 0;  ///< channels; must be > 0
  std::string name;                 ///< first part of the weight paths; empty: automatic, "layer_scale"
};

/// x gamma, one number per channel (Touvron et al., Going Deeper with Image Transformers, 2021), as the layer
/// of that name in Keras's ConvNeXt.
///   Input, output  (N, ..., C)
///   Weights        gamma (projection_dim)
[[nodiscard]] Layer LayerScale(LayerScaleOptions options);

}  // namespace graft::layers

namespace graft {

/// A model's input: a symbolic tensor (None, shape...). shape is without the batch axis: (H, W, C). An empty
/// name is replaced by an automatic one, "input_layer".
[[nodiscard]] SymbolicTensor Input(const Shape& shape, const std::string& name = "");

}  // namespace graft

// Activation layers (keras.layers, group activations).

namespace graft::layers {

/// Applies an activation by its Keras name: relu, relu6, swish, sigmoid, softmax, ...
///   Input, output  any shape; softmax works on the last axis
///   name           of the layer; empty: automatic, "activation"
///   Throws         Error{invalid_argument} for an unknown name
[[nodiscard]] Layer Activation(const std::string& activation, const std::string& name = "");

/// Arguments of ReLU(), with Keras's names and defaults.
struct ReLUOptions {
  std::optional<double> max_value;  ///< largest output; unset: no limit
  double negative_slope = 0;        ///< slope below the threshold
  double threshold = 0;             ///< smallest x that is passed on
  std::string name;                 ///< empty: automatic, "re_lu"
};

/// max_value for x >= max_value, x for x >= threshold, else negative_slope (x - threshold).
///   Input, output  any shape
[[nodiscard]] Layer ReLU(ReLUOptions options = {});

/// Arguments of LeakyReLU(), with Keras's names and defaults.
struct LeakyReLUOptions {
  double negative_slope = 0.3;  ///< slope below 0; not negative
  std::string name;             ///< empty: automatic, "leaky_re_lu"
};

/// x for x > 0, else negative_slope x.
///   Input, output  any shape
[[nodiscard]] Layer LeakyReLU(LeakyReLUOptions options = {});

/// Arguments of ELU(), with Keras's names and defaults.
struct ELUOptions {
  double alpha = 1;  ///< the output is never below -alpha
  std::string name;  ///< empty: automatic, "elu"
};

/// x for x > 0, else alpha (exp(x) - 1) (Clevert et al., 2016).
///   Input, output  any shape
[[nodiscard]] Layer ELU(ELUOptions options = {});

/// Arguments of PReLU(), with Keras's names and defaults.
struct PReLUOptions {
  std::string alpha_initializer = "zeros";  ///< first values of alpha: see values.hpp
  std::vector<std::int64_t> shared_axes;  ///< axes, from 1 without the batch, along which alpha is one number
  std::string name;                       ///< first part of the weight paths; empty: automatic, "p_re_lu"
};

/// x for x > 0, else alpha x with a learnt alpha (He et al., 2015).
///   Input, output  (N, ...)
///   Weights        alpha: the input's shape without the batch, 1 along shared axes
[[nodiscard]] Layer PReLU(PReLUOptions options = {});

/// Arguments of Softmax(). It has no mask.
struct SoftmaxOptions {
  std::int64_t axis = -1;  ///< of the classes; -1: the last
  std::string name;        ///< empty: automatic, "softmax"
};

/// Softmax over one axis.
///   Input, output  (N, ..., classes)
[[nodiscard]] Layer Softmax(SoftmaxOptions options = {});

}  // namespace graft::layers

// Arithmetic on the outputs of layers, as in Python: a + b, 2 * x. Keras puts such an operation into a
// model's graph and config, with an automatic name (add, add_1, ...), but not into its list of layers.

namespace graft {

/// a + b, element by element. Sizes along an axis are equal, or one of them is 1 and is repeated
/// (broadcasting). Throws Error{shape_mismatch} naming the operation.
[[nodiscard]] SymbolicTensor operator+(const SymbolicTensor& a, const SymbolicTensor& b);
/// a - b, element by element. Throws as a + b does.
[[nodiscard]] SymbolicTensor operator-(const SymbolicTensor& a, const SymbolicTensor& b);
/// a * b, element by element. Throws as a + b does.
[[nodiscard]] SymbolicTensor operator*(const SymbolicTensor& a, const SymbolicTensor& b);
/// Every element plus the number. Throws Error{invalid_argument} for a number that is not finite.
[[nodiscard]] SymbolicTensor operator+(const SymbolicTensor& x, double number);
/// Every element minus the number. Throws as x + number does.
[[nodiscard]] SymbolicTensor operator-(const SymbolicTensor& x, double number);
/// Every element times the number. Throws as x + number does.
[[nodiscard]] SymbolicTensor operator*(const SymbolicTensor& x, double number);
/// Every element divided by the number. Throws as x + number does, and for 0.
[[nodiscard]] SymbolicTensor operator/(const SymbolicTensor& x, double number);

}  // namespace graft

#pragma GCC visibility pop
