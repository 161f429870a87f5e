// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "graft/models/model.hpp"

namespace graft::models {

/// Keras's arguments of keras.models.clone_model.
struct CloneOptions {
  /// One for each input of the model: the clone is built on these (N, H, W, C) instead of new inputs, which
  /// may have another size. Empty: new inputs like the model's.
  std::vector<SymbolicTensor> input_tensors;
  /// What a layer becomes in the clone; asked once for each layer, never for inputs. Unset, or an empty
  /// handle returned: a copy by its config, with freshly initialised weights. Returning the layer itself
  /// shares it and its weights.
  std::function<Layer(const Layer& layer)> clone_function;
  /// Ask clone_function for the layers within nested models, too, not for the nested models.
  bool recursive = false;
};

/// The same graph of new layers: same names, config and trainable marks, weights as Keras initialises them.
/// Errors: Error{invalid_argument} for another number of input_tensors than the model has inputs;
/// Error{shape_mismatch} where a layer does not fit its new input.
[[nodiscard]] Model clone_model(const Model& model, const CloneOptions& options = {});

/// A new layer from the layer's config, with weights of its own that are not made before its first call. A
/// nested model is cloned whole.
[[nodiscard]] Layer copy_layer(const Layer& layer);

}  // namespace graft::models
