// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "graft/models/model.hpp"

#pragma GCC visibility push(default)

namespace graft::models {

/// Keras's arguments of keras.models.clone_model.
struct CloneOptions {
  /// One per input of the model: the clone is built on these tensors (N, H, W, C), whose size may differ,
  /// instead of new inputs. Empty: new inputs like the model's.
  std::vector<SymbolicTensor> input_tensors;
  /// Returns the clone's layer for a layer; called once per layer, never for inputs. Unset, or an empty
  /// handle returned: a copy from its config, with freshly initialised weights. Returning the layer itself
  /// shares it and its weights.
  std::function<Layer(const Layer& layer)> clone_function;
  /// Call clone_function for the layers in nested models instead of for the nested models.
  bool recursive = false;
};

/// The same graph of new layers: same names, config and trainable flags, freshly initialised weights.
/// Errors: Error{invalid_argument} for another number of input_tensors than the model has inputs;
/// Error{shape_mismatch} where a layer does not fit its new input.
[[nodiscard]] Model clone_model(const Model& model, const CloneOptions& options = {});

/// A new layer from the layer's config, with its own weights, which are created by its first call. A
/// nested model is cloned whole.
[[nodiscard]] Layer copy_layer(const Layer& layer);

}  // namespace graft::models

#pragma GCC visibility pop
