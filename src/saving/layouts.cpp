// SPDX-License-Identifier: Apache-2.0
#include "saving/layouts.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "graft/base/fail.hpp"

#include "saving/model_walk.hpp"

namespace graft::saving {
namespace {

/// The weights of a layer, or of the layers in a model, in order: their names below it and whether they train
/// now.
struct Row {
  std::string name;
  VariablePtr weight;
  bool trains = false;
};

void collect(const Layer& layer, const std::string& prefix, bool trains, std::vector<Row>& rows) {
  const bool on = trains && layer.trainable();
  const Model model = as_model(layer);
  if (model.base() == nullptr) {
    for (const VariablePtr& weight : layer.weights())
      rows.push_back({cat(prefix, layer.name(), "/", weight->name()), weight, on && weight->can_train()});
    return;
  }
  for (const Layer& inner : keras_layers(model)) {
    const bool nested = as_model(inner).base() != nullptr;
    collect(inner, nested ? cat(prefix, inner.name(), "/") : prefix, on, rows);
  }
}

/// A layer shared by two models within one is met twice; a file holds its weights once a place.
void drop_repeated(std::vector<Row>& rows) {
  std::map<const Variable*, bool> seen;
  std::erase_if(rows, [&](const Row& row) { return !seen.emplace(row.weight.get(), true).second; });
}

}  // namespace

formats::WeightsH5 grouped_layout(const Model& model) {
  formats::WeightsH5 result;
  for (const StoredLayer& layer : stored_layers(model)) {
    result.group_names[layer.variables()] = layer.layer.name();
    if (as_model(layer.layer).base() != nullptr) continue;
    int index = 0;
    for (const VariablePtr& weight : layer.layer.weights())
      result.weights.push_back({cat(layer.variables(), "/", index++), weight->value()});
  }
  return result;
}

formats::H5Weights legacy_layout(const Model& model) {
  formats::H5Weights result;
  for (const Layer& layer : keras_layers(model)) {
    std::vector<Row> rows;
    collect(layer, "", model.trainable(), rows);
    drop_repeated(rows);
    std::stable_partition(rows.begin(), rows.end(), std::mem_fn(&Row::trains));
    formats::LayerWeights entry{.layer = layer.name(), .weights = {}};
    for (const Row& row : rows) entry.weights.push_back({row.name, row.weight->value()});
    result.layers.push_back(std::move(entry));
  }
  return result;
}

std::vector<std::pair<std::string, VariablePtr>> named_weights(const Model& model) {
  std::vector<Row> rows;
  collect(model, "", true, rows);
  drop_repeated(rows);
  std::vector<std::pair<std::string, VariablePtr>> result;
  result.reserve(rows.size());
  for (Row& row : rows) result.emplace_back(std::move(row.name), std::move(row.weight));
  return result;
}

}  // namespace graft::saving
