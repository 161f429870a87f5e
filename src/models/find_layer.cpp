// SPDX-License-Identifier: Apache-2.0
#include "graft/models/find_layer.hpp"

#include <set>

#include "graft/base/fail.hpp"
#include "graft/base/similar_names.hpp"
#include "graft/base/text.hpp"
#include "graft/models/functional_model.hpp"

namespace graft::models {
namespace {

void collect(const Model& model, const std::string& prefix, std::set<const layers::LayerBase*>& seen,
             std::vector<FoundLayer>& found) {
  for (const Layer& layer : model.layers()) {
    if (!seen.insert(layer.base().get()).second) continue;
    found.push_back({layer, prefix + layer.name()});
    const Model nested = as_model(layer);
    if (nested.base() != nullptr) collect(nested, prefix + layer.name() + "/", seen, found);
  }
}

std::string suggestions(const std::vector<FoundLayer>& all, const std::string& name) {
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const FoundLayer& one : all) names.push_back(one.layer.name());
  return comma_list(similar_names(name, names), [&](std::size_t i) { return all[i].path; });
}

}  // namespace

Model as_model(const Layer& layer) { return Model(std::dynamic_pointer_cast<FunctionalModel>(layer.base())); }

std::vector<FoundLayer> all_layers(const Model& model) {
  std::set<const layers::LayerBase*> seen;
  std::vector<FoundLayer> found;
  collect(model, "", seen, found);
  return found;
}

FoundLayer find_layer(const Model& model, const std::string& name) {
  const std::vector<FoundLayer> all = all_layers(model);
  std::vector<FoundLayer> matches;
  for (const FoundLayer& one : all) {
    if (one.path == name) return one;
    if (one.path.ends_with("/" + name)) matches.push_back(one);
  }
  if (matches.size() == 1) return matches.front();
  if (matches.empty()) {
    const std::string alike = suggestions(all, name);
    fail(ErrorKind::not_found, "model '", model.name(), "' has no layer '", name, "'",
         alike.empty() ? "; its summary with expand_nested lists the layers" : "; similar are " + alike);
  }
  fail(ErrorKind::invalid_argument, "model '", model.name(), "' has several layers '", name,
       "'; name one of ", comma_list(matches, &FoundLayer::path));
}

std::string free_name(const Model& model, const std::string& stem) {
  std::set<std::string> taken;
  for (const FoundLayer& one : all_layers(model)) taken.insert(one.layer.name());
  std::string name = stem;
  for (int number = 1; taken.contains(name); ++number) name = cat(stem, "_", number);
  return name;
}

}  // namespace graft::models
