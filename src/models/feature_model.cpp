// SPDX-License-Identifier: Apache-2.0
#include "graft/models/feature_model.hpp"

#include <functional>
#include <optional>

#include "graft/base/fail.hpp"
#include "graft/models/functional_model.hpp"

namespace graft::models {
namespace {

using IsWanted = std::function<bool(const layers::LayerBase&)>;

/// Cuts after the wanted layer nearest to the output; searches nested models last. Nothing without one.
std::optional<Model> cut_after(const Model& model, const IsWanted& is_wanted) {
  const std::vector<models::Call>& calls = model.functional()->calls();
  const auto node_of = [](const models::Call& call) -> const layers::Node& {
    return call.layer->nodes()[static_cast<std::size_t>(call.node)];
  };
  for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
    if (!is_wanted(*call->layer)) continue;
    const SymbolicTensor output{
        .layer = call->layer, .node = call->node, .shape = node_of(*call).outputs.front()};
    return Model(model.inputs(), {output});
  }
  for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
    const auto nested = std::dynamic_pointer_cast<models::FunctionalModel>(call->layer);
    if (nested == nullptr) continue;
    const std::optional<Model> inner = cut_after(Model(nested), is_wanted);
    if (inner) return Model(model.inputs(), {(*inner)(node_of(*call).inputs, node_of(*call).options)});
  }
  return std::nullopt;
}

/// Goes back from the output through layers of one input to the first with weights, and ends before it.
std::optional<Model> cut_before_weights(const Model& model) {
  if (model.outputs().size() != 1) return std::nullopt;
  SymbolicTensor at = model.outputs().front();
  while (true) {
    const layers::Node& node = at.layer->nodes()[static_cast<std::size_t>(at.node)];
    if (node.inputs.size() != 1) return std::nullopt;
    const auto nested = std::dynamic_pointer_cast<models::FunctionalModel>(at.layer);
    if (nested != nullptr) {
      if (const std::optional<Model> inner = cut_before_weights(Model(nested)))
        return Model(model.inputs(), {(*inner)(node.inputs, node.options)});
    }
    if (!at.layer->weights().empty()) return Model(model.inputs(), {node.inputs.front()});
    at = node.inputs.front();
  }
}

}  // namespace

Model up_to_layer(const Model& model, const std::string& layer) {
  const auto cut = cut_after(model, [&](const layers::LayerBase& one) { return one.name() == layer; });
  if (cut) return *cut;
  // Fails with a list of similar names.
  return Model(model.inputs().front(), model.get_layer(layer).output());
}

Model up_to_features(const Model& model) {
  const auto cut = cut_after(model, [](const layers::LayerBase& one) {
    return one.class_name() == "GlobalAveragePooling2D" || one.class_name() == "GlobalMaxPooling2D" ||
           one.class_name() == "Flatten";
  });
  return cut.value_or(model);
}

Model up_to_predictions(const Model& model) {
  const auto cut = cut_before_weights(model);
  if (!cut)
    fail(ErrorKind::unsupported, "model '", model.name(), "' has no last layer with weights to end before");
  return *cut;
}

}  // namespace graft::models
