// SPDX-License-Identifier: Apache-2.0
// A layer, a symbolic tensor, and the options that many layers share.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graft/execution.hpp"
#include "graft/json_fwd.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {

namespace layers {
class LayerBase;
}

/// How one call of a layer runs. training: unset: the mode of the model around it; base(x,
/// {.training = false}) keeps a nested model in inference mode for good (BatchNormalization uses its moving
/// statistics).
struct CallOptions {
  std::optional<bool> training;
};

/// The symbolic result of calling a layer: what a model is built from (Keras's KerasTensor). It has a shape,
/// with -1 for the batch axis, and no elements. Copies refer to the same call.
struct SymbolicTensor {
  std::shared_ptr<layers::LayerBase> layer;
  int node = 0;   ///< which call of the layer
  int index = 0;  ///< which of its outputs
  Shape shape;

  friend bool operator==(const SymbolicTensor& a, const SymbolicTensor& b) {
    return a.layer == b.layer && a.node == b.node && a.index == b.index;
  }
};

/// A layer of a model: a handle on shared state, as in Python; copies are the same layer, with the same
/// weights. Made by the functions in graft/layers/, e.g. layers::Conv2D({.filters = 32, .kernel_size = 3}).
/// Threads: building and changing layers is for one thread at a time.
class Layer {
 public:
  Layer() = default;
  explicit Layer(std::shared_ptr<layers::LayerBase> base) : base_(std::move(base)) {}

  /// Calls the layer on symbolic inputs; the first call creates its weights.
  /// Throws Error{shape_mismatch} naming the layer, the expected and the received shape.
  SymbolicTensor operator()(const SymbolicTensor& input, CallOptions options = {}) const;
  SymbolicTensor operator()(const std::vector<SymbolicTensor>& inputs, CallOptions options = {}) const;

  [[nodiscard]] const std::string& name() const;
  /// Keras's class name: "Conv2D".
  [[nodiscard]] const std::string& class_name() const;
  /// Whether the weights may change in training. Setting it on a model sets it on every layer in it.
  [[nodiscard]] bool trainable() const;
  void set_trainable(bool trainable);

  /// All weights in Keras's order: weights that can train first.
  [[nodiscard]] std::vector<VariablePtr> weights() const;
  [[nodiscard]] std::vector<VariablePtr> trainable_weights() const;
  [[nodiscard]] std::vector<VariablePtr> non_trainable_weights() const;
  [[nodiscard]] std::int64_t count_params() const;
  /// Shape of the first call's first output, batch axis -1. Throws Error{not_found} before the first call.
  [[nodiscard]] Shape output_shape() const;
  /// The first call's first output, to build on: base_model.get_layer("block4_pool").output().
  [[nodiscard]] SymbolicTensor output() const;
  /// Keras's config of this layer.
  [[nodiscard]] Json config() const;

  [[nodiscard]] const std::shared_ptr<layers::LayerBase>& base() const { return base_; }
  friend bool operator==(const Layer&, const Layer&) = default;

 private:
  std::shared_ptr<layers::LayerBase> base_;
};

/// Parameters of a list of weights, added up.
[[nodiscard]] std::int64_t count_params(const std::vector<VariablePtr>& weights);

/// Resets the automatic names (conv2d, conv2d_1, ...): numbering starts again (keras.utils.clear_session).
void clear_session();

// Types that several layers' options share.

/// How a window treats the border. valid: only whole windows. same: output = ceil(input / stride), the odd
/// pixel of padding at the bottom and the right, as TensorFlow pads.
enum class Padding { valid, same };

/// keras.layers.RandomFlip's mode.
enum class Flip { horizontal, vertical, horizontal_and_vertical };

/// What pixels from outside the image are: keras.layers.RandomRotation's fill_mode.
enum class Fill { reflect, nearest, wrap, constant };

/// A range that a random layer draws from. One number f means (-f, f), as in Keras.
struct Factor {
  double low = 0;
  double high = 0;
  constexpr Factor() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): factor = 0.2 should read as in Keras
  constexpr Factor(double both_sides) : low(-both_sides), high(both_sides) {}
  constexpr Factor(double low_end, double high_end) : low(low_end), high(high_end) {}
  friend constexpr bool operator==(const Factor&, const Factor&) = default;
};

}  // namespace graft

#pragma GCC visibility pop
