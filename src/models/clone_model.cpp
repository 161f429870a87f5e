// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/layers/registry.hpp"
#include "graft/model.hpp"
#include "graft/models/find_layer.hpp"

#include "models/rebuild.hpp"

namespace graft::models {

Model clone_model(const Model& model, const CloneOptions& options) {
  RebuildPlan plan{.ask_for_models = !options.recursive, .input_tensors = options.input_tensors};
  if (options.clone_function) {
    plan.make = [&](const Layer& layer, const std::vector<SymbolicTensor>&) {
      return options.clone_function(layer);
    };
  }
  return rebuild(model, plan).model;
}

Layer copy_layer(const Layer& layer) {
  const Model model = as_model(layer);
  if (model.base() != nullptr) return clone_model(model);
  return layers::from_config(layer.class_name(), layer.config());
}

}  // namespace graft::models
