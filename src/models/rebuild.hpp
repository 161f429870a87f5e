// SPDX-License-Identifier: Apache-2.0
// The mechanism of every edit: the model is built again, call by call, with some of its calls changed.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "graft/model.hpp"

namespace graft {
inline namespace models {

/// What is done at one layer, at each of its calls. At an input only `after` has a meaning.
struct LayerEdit {
  std::vector<Layer> before;  ///< called in a row on the layer's only input
  std::vector<Layer> after;   ///< called in a row on its first output
  bool removed = false;       ///< its only input replaces its output
};

struct RebuildPlan {
  /// What a layer becomes that will be called on these inputs, asked once for each; an empty handle: a copy
  /// by its config. Never asked for inputs and, unless ask_for_models, never for nested models, which are
  /// built again with the changed calls in them.
  std::function<Layer(const Layer& layer, const std::vector<SymbolicTensor>& inputs)> make;
  bool ask_for_models = false;
  std::map<const layers::LayerBase*, LayerEdit> edits;
  /// The model ends at the last call of this layer, wherever it is. Null: where it ended before.
  const layers::LayerBase* cut = nullptr;
  /// The outermost model's input (N, H, W, C) to its new shape; unset: as it was. Nested models' inputs
  /// follow what they are called on, but for axes that are open.
  std::function<Shape(const Shape& shape)> input_shape;
  /// Build on these instead of new inputs.
  std::vector<SymbolicTensor> input_tensors;
};

/// A layer and its replacement. Nested models are included only where `make` returned a replacement.
struct LayerPair {
  Layer from;
  Layer to;
  std::string path;  ///< of both: "mobilenetv2/Conv1"
};

struct Rebuilt {
  Model model;
  std::vector<LayerPair> pairs;
  /// Layers of edits that went in, with their paths.
  std::vector<LayerPair> added;
};

[[nodiscard]] Rebuilt rebuild(const Model& model, const RebuildPlan& plan);

}  // namespace models
}  // namespace graft
