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

/// How one call of a layer runs.
struct CallOptions {
  /// Unset: the mode of the model around it. base(x, {.training = false}) keeps a nested model in inference
  /// mode permanently (BatchNormalization uses its moving statistics).
  std::optional<bool> training;
};

/// The symbolic result of calling a layer: what a model is built from (Keras's KerasTensor). It has a shape,
/// with -1 for the batch axis, and no elements. Copies refer to the same call.
struct SymbolicTensor {
  std::shared_ptr<layers::LayerBase> layer;  ///< the layer that was called
  int node = 0;                              ///< which call of the layer, from 0
  int index = 0;                             ///< which of its outputs, from 0
  Shape shape;                               ///< of this output, -1 for the batch axis

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
  /// A handle on a layer, for functions that make layers of a custom class. base: not null.
  explicit Layer(std::shared_ptr<layers::LayerBase> base) : base_(std::move(base)) {}

  /// Calls the layer on one symbolic input and returns its first output; the first call creates the weights.
  /// Throws Error{shape_mismatch} naming the layer, the expected and the received shape.
  SymbolicTensor operator()(const SymbolicTensor& input, CallOptions options = {}) const;
  /// Calls the layer on several inputs: Concatenate()({a, b}). Throws as the call on one input does.
  SymbolicTensor operator()(const std::vector<SymbolicTensor>& inputs, CallOptions options = {}) const;
  /// Computes the layer, or model, on a batch (N, ...) and returns its first output (N, ...), float32; the
  /// first call creates the weights. The mode is inference unless training is true: then random layers draw
  /// numbers, others in each call, that follow from the process's random_seed(); and BatchNormalization uses
  /// the batch's statistics and moves its own. For looking at what a layer does: each call compiles a plan;
  /// for many batches use Model::predict(). Throws as the calls on symbolic tensors do.
  Tensor operator()(const Tensor& input, CallOptions options = {}) const;

  /// The layer's name: "block1_conv1". Unique in a model.
  [[nodiscard]] const std::string& name() const;
  /// Keras's class name: "Conv2D".
  [[nodiscard]] const std::string& class_name() const;
  /// Whether the weights may change in training; true at first.
  [[nodiscard]] bool trainable() const;
  /// Sets trainable(). Setting it on a model sets it on every layer in it. fit() uses what is set at its
  /// first step after compile().
  void set_trainable(bool trainable);

  /// All weights in Keras's order: weights that can train first.
  [[nodiscard]] std::vector<VariablePtr> weights() const;
  /// The weights that training changes; none while trainable() is false.
  [[nodiscard]] std::vector<VariablePtr> trainable_weights() const;
  /// The other weights, such as moving_mean, and all while trainable() is false.
  [[nodiscard]] std::vector<VariablePtr> non_trainable_weights() const;
  /// How many numbers all weights have together.
  [[nodiscard]] std::int64_t count_params() const;
  /// Shape of the first call's first output, batch axis -1. Throws Error{not_found} before the first call.
  [[nodiscard]] Shape output_shape() const;
  /// The first call's first output, to build on: base_model.get_layer("block4_pool").output().
  [[nodiscard]] SymbolicTensor output() const;
  /// Keras's config of this layer: what its get_config() returns.
  [[nodiscard]] Json config() const;

  /// The layer itself, with the interface for authors of layers; null for a default-constructed handle.
  [[nodiscard]] const std::shared_ptr<layers::LayerBase>& base() const { return base_; }
  friend bool operator==(const Layer&, const Layer&) = default;

 private:
  std::shared_ptr<layers::LayerBase> base_;
};

/// How many numbers these weights have together.
[[nodiscard]] std::int64_t count_params(const std::vector<VariablePtr>& weights);

/// Resets the automatic names (conv2d, conv2d_1, ...) of the calling thread: numbering starts again
/// (keras.utils.clear_session).
void clear_session();

// Types that several layers' options share.

/// How a window treats the border. valid: only whole windows. same: output = ceil(input / stride), the odd
/// pixel of padding at the bottom and the right, as TensorFlow pads.
enum class Padding { valid, same };

/// keras.layers.RandomFlip's mode.
enum class Flip { horizontal, vertical, horizontal_and_vertical };

/// What pixels from outside the image are: keras.layers.RandomRotation's fill_mode.
enum class Fill { reflect, nearest, wrap, constant };

/// A range that a random layer draws from uniformly, or the range of pixel values. One number f means (-f,
/// f), as in Keras.
struct SymmetricRange {
  double low = 0;   ///< smallest number that is drawn
  double high = 0;  ///< largest
  constexpr SymmetricRange() = default;
  /// (-both_sides, both_sides).
  // NOLINTNEXTLINE(google-explicit-constructor): factor = 0.2 should read as in Keras
  constexpr SymmetricRange(double both_sides) : low(-both_sides), high(both_sides) {}
  /// (low_end, high_end).
  constexpr SymmetricRange(double low_end, double high_end) : low(low_end), high(high_end) {}
  friend constexpr bool operator==(const SymmetricRange&, const SymmetricRange&) = default;
};

}  // namespace graft

#pragma GCC visibility pop
