// SPDX-License-Identifier: Apache-2.0
// A nested model in a legacy file: one row of weights for all its layers.
#include <algorithm>
#include <map>
#include <set>

#include "saving/model_walk.hpp"
#include "saving/pairing/pairing.hpp"
#include "saving/read_node.hpp"

namespace graft::saving {
namespace {

/// The layer of "Conv1/kernel:0", "mobilenetv2/Conv1/kernel" or "base/expanded_conv/depthwise/kernel": the
/// longest end of the path before the weight that is one of the names; else its last part, empty where the
/// path has one part only.
template <typename Names>
std::string layer_part(const std::string& path, const Names& names) {
  const std::size_t last = path.rfind('/');
  if (last == std::string::npos || last == 0) return "";
  const std::string place = path.substr(0, last);
  std::size_t begin = 0;
  while (true) {
    std::string candidate = layer_name(place.substr(begin));
    if (names.contains(candidate)) return candidate;
    const std::size_t next = place.find('/', begin);
    if (next == std::string::npos) return candidate;
    begin = next + 1;
  }
}

/// Pairs by the layers that the paths name, keeping each layer's own order, which Keras never changes. False,
/// with nothing staged, when the names on both sides are not the same.
bool pair_by_layers(const std::vector<StoredLayer>& layers, const FileLayer& found, StagedWeights& staged) {
  std::map<std::string, std::vector<VariablePtr>> wanted;
  for (const StoredLayer& stored : layers) {
    if (as_model(stored.layer).base() != nullptr || stored.layer.weights().empty()) continue;
    if (!wanted.emplace(stored.layer.name(), stored.layer.weights()).second) return false;
  }
  std::map<std::string, formats::StoredTensors> by_layer;
  for (const formats::StoredTensor& weight : found.weights)
    by_layer[layer_part(weight.path, wanted)].push_back(weight);
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

FileWeights layers_within(const FileWeights& file, const std::vector<ModelLayer>& model) {
  std::set<std::string> wanted;
  for (const ModelLayer& layer : model) wanted.insert(layer.name);
  FileWeights result;
  std::map<std::string, std::size_t> known;
  bool within = false;
  for (const FileLayer& layer : file.layers) {
    for (const formats::StoredTensor& weight : layer.weights) {
      const std::string part = layer_part(weight.path, wanted);
      const bool nested = !wanted.contains(layer.name) && wanted.contains(part);
      within = within || nested;
      const std::string name = nested ? part : layer.name;
      const auto [entry, fresh] = known.emplace(name, result.layers.size());
      if (fresh) result.layers.push_back({name, "", {}});
      result.layers[entry->second].weights.push_back(weight);
    }
  }
  const bool all = std::ranges::all_of(wanted, [&](const std::string& name) { return known.contains(name); });
  return within && all ? result : file;
}

FileWeights groups_within(const FileWeights& file, const std::vector<ModelLayer>& model) {
  const bool nameless =
      std::ranges::all_of(file.layers, [](const FileLayer& layer) { return layer.name.empty(); });
  if (!nameless || model.empty()) return file;
  std::map<std::string, const FileLayer*> by_group;
  for (const FileLayer& layer : file.layers) by_group.emplace(layer.group, &layer);
  const std::string& first = model.front().group;
  std::vector<FileWeights> found;
  for (const auto& [group, unused] : by_group) {
    if (group != first && !group.ends_with("/" + first)) continue;
    const std::string place = group.substr(0, group.size() - first.size());
    FileWeights part{.grouped = true};
    for (const ModelLayer& layer : model) {
      const auto own = by_group.find(place + layer.group);
      if (own != by_group.end()) part.layers.push_back({"", layer.group, own->second->weights});
    }
    if (part.layers.size() != model.size()) continue;
    if (place.empty()) return file;  // the file's own layers
    found.push_back(std::move(part));
  }
  return found.size() == 1 ? found.front() : file;
}

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
  std::stable_partition(parted.begin(), parted.end(),
                        [](const VariablePtr& weight) { return weight->can_train(); });
  const bool as_parted =
      shapes_agree(parted, found.weights) && (nested.trainable() || !shapes_agree(weights, found.weights));
  staged.pair_in_order(layer.name, as_parted ? parted : weights, found.weights);
}

}  // namespace graft::saving
