// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/model.hpp"

#include "saving/file_layers.hpp"
#include "saving/pairing/staged_weights.hpp"

namespace graft {
inline namespace saving {

/// A layer of the model that has weights, as one layout of files counts layers.
struct ModelLayer {
  Layer layer;
  std::string name;
  std::string group;  ///< as in FileLayer
};

/// The layers with weights: every one that is not a model itself (grouped), or the model's own list, in which
/// a nested model is one layer.
[[nodiscard]] std::vector<ModelLayer> layers_with_weights(const Model& model, bool grouped);

/// The layers of a legacy file, those within a nested model taken apart, where that pairs every layer of the
/// model by its name: the weights of a base in the file of a classifier. Else the file as it is.
[[nodiscard]] FileWeights layers_within(const FileWeights& file, const std::vector<ModelLayer>& model);

/// The same for a file of groups without the layers' names (Keras 2's .keras and .weights.h5): where the
/// groups of all layers of the model are in one group of the file.
[[nodiscard]] FileWeights groups_within(const FileWeights& file, const std::vector<ModelLayer>& model);

/// Decides which layer of the file is which of the model, by the rules in load_weights.hpp, and stages all
/// weights. Throws Error{shape_mismatch} when they cannot be paired.
void pair_layers(const std::vector<ModelLayer>& model, const FileWeights& file, StagedWeights& staged);

/// Stages the weights of one layer, which may be a nested model with its weights in a row.
void pair_weights(const ModelLayer& layer, const FileLayer& found, StagedWeights& staged);

}  // namespace saving
}  // namespace graft
