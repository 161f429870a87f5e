// SPDX-License-Identifier: Apache-2.0
// A nested model in a legacy file: one row of weights for all its layers.
#include <algorithm>
#include <map>

#include "saving/model_walk.hpp"
#include "saving/pairing/pairing.hpp"

namespace graft::saving {
namespace {

/// The layer in "Conv1/kernel:0" or "mobilenetv2/Conv1/kernel"; empty where the path has one part.
std::string layer_part(const std::string& path) {
  const std::size_t last = path.rfind('/');
  if (last == std::string::npos || last == 0) return "";
  const std::size_t before = path.rfind('/', last - 1);
  return before == std::string::npos ? path.substr(0, last) : path.substr(before + 1, last - before - 1);
}

/// Pairs by the layers that the paths name, keeping each layer's own order, which Keras never changes. False,
/// with nothing staged, when the names on both sides are not the same.
bool pair_by_layers(const std::vector<StoredLayer>& layers, const FileLayer& found, StagedWeights& staged) {
  std::map<std::string, formats::StoredTensors> by_layer;
  for (const formats::StoredTensor& weight : found.weights)
    by_layer[layer_part(weight.path)].push_back(weight);
  std::map<std::string, std::vector<VariablePtr>> wanted;
  for (const StoredLayer& stored : layers) {
    if (as_model(stored.layer).base() != nullptr || stored.layer.weights().empty()) continue;
    if (!wanted.emplace(stored.layer.name(), stored.layer.weights()).second) return false;
  }
  const bool same =
      std::ranges::equal(wanted, by_layer, [](const auto& a, const auto& b) { return a.first == b.first; });
  if (!same) return false;
  for (const auto& [name, weights] : wanted) staged.pair_in_order(name, weights, by_layer.at(name));
  return true;
}

bool shapes_agree(const std::vector<VariablePtr>& weights, const formats::StoredTensors& found) {
  return std::ranges::equal(weights, found,
                            [](const VariablePtr& weight, const formats::StoredTensor& tensor) {
                              return weight->shape() == tensor.shape;
                            });
}

}  // namespace

void pair_weights(const ModelLayer& layer, const FileLayer& found, StagedWeights& staged) {
  const std::vector<VariablePtr> weights = layer.layer.weights();
  const Model nested = as_model(layer.layer);
  if (nested.base() == nullptr) {
    staged.pair_in_order(layer.name, weights, found.weights);
    return;
  }
  if (pair_by_layers(stored_layers(nested), found, staged)) return;
  // Keras wrote layer by layer when the model was frozen, else the weights that train before the others.
  std::vector<VariablePtr> parted = weights;
  std::ranges::stable_partition(parted, [](const VariablePtr& weight) { return weight->can_train(); });
  const bool as_parted =
      shapes_agree(parted, found.weights) && (nested.trainable() || !shapes_agree(weights, found.weights));
  staged.pair_in_order(layer.name, as_parted ? parted : weights, found.weights);
}

}  // namespace graft::saving
