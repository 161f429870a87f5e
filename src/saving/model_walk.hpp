// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/model.hpp"

namespace graft {
inline namespace saving {

/// The layers that Keras counts as the model's own: a Sequential hides its InputLayer.
[[nodiscard]] std::vector<Layer> keras_layers(const Model& model);

/// The layer as a Model when it is one, else an empty handle.
[[nodiscard]] Model as_model(const Layer& layer);

/// The sizes with null for open ones: [null, 224, 224, 3].
[[nodiscard]] Json shape_json(const Shape& shape);

/// One object that has its own group in Keras 3's weights file.
struct StoredLayer {
  Layer layer;
  std::string group;      ///< "layers/functional/layers/conv2d_1"; "" for the model itself
  std::string qualified;  ///< names from the outermost model's layer on: "mobilenetv2/Conv1"
  /// "layers/conv2d_1/vars": the group of the layer's weights 0, 1, ...
  [[nodiscard]] std::string variables() const { return group.empty() ? "vars" : group + "/vars"; }
};

/// The model and all layers in it, nested ones too, each once, in the order and under the groups in which
/// Keras 3 stores them: class names in snake case, numbered within one model
/// (keras/src/saving/saving_lib.py).
[[nodiscard]] std::vector<StoredLayer> stored_layers(const Model& model);

}  // namespace saving
}  // namespace graft
