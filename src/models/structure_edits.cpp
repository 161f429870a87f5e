// SPDX-License-Identifier: Apache-2.0
// Layers inserted, removed and replaced; models cut off and taken out.
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/models/find_layer.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/surgery.hpp"

#include "models/carry_weights.hpp"
#include "models/rebuild.hpp"

namespace graft::models {
namespace {

void refuse_input(const FoundLayer& found, const char* what) {
  if (found.layer.class_name() != "InputLayer") return;
  fail(ErrorKind::invalid_argument, "layer '", found.path, "' is an input and cannot be ", what);
}

/// Throws when the layer joins several inputs.
void refuse_merge(const FoundLayer& found, const char* what) {
  for (const layers::Node& node : found.layer.base()->nodes()) {
    if (node.inputs.size() < 2) continue;
    const auto name_of = [](const SymbolicTensor& input) { return input.layer->name(); };
    fail(ErrorKind::invalid_argument, found.layer.class_name(), " '", found.path, "' joins ",
         node.inputs.size(), " inputs and ", what, comma_list(node.inputs, name_of));
  }
}

/// Layers that were not called before, so that no other model uses them.
void check_added(const std::vector<Layer>& added) {
  if (added.empty()) fail(ErrorKind::invalid_argument, "expected at least one layer to insert");
  for (const Layer& layer : added) {
    if (layer.base() == nullptr) fail(ErrorKind::invalid_argument, "expected a layer, received an empty one");
    if (layer.class_name() != "InputLayer") continue;
    fail(ErrorKind::invalid_argument, "InputLayer '", layer.name(), "' cannot be inserted into a model");
  }
}

std::string names_of(const std::vector<Layer>& layers) {
  return comma_list(layers,
                    [](const Layer& layer) { return cat(layer.class_name(), " '", layer.name(), "'"); });
}

/// "Its input changed": what a structural edit does to weights after it.
Edited finish(const Model& model, const RebuildPlan& plan, const std::string& edit) {
  Edited edited = carry_weights(model, rebuild(model, plan), edit);
  for (const ChangedWeight& one : edited.report.created) {
    if (one.was_there)
      edited.report.notes.push_back(cat(one.path, " no longer fits its input and must be trained again"));
  }
  return edited;
}

}  // namespace

Edited insert_after(const Model& model, const std::string& layer, const std::vector<Layer>& added) {
  const FoundLayer found = find_layer(model, layer);
  check_added(added);
  const std::string edit = cat(names_of(added), " inserted after '", found.path, "'");
  return finish(model, {.edits = {{found.layer.base().get(), {.after = added}}}}, edit);
}

Edited insert_before(const Model& model, const std::string& layer, const std::vector<Layer>& added) {
  const FoundLayer found = find_layer(model, layer);
  check_added(added);
  refuse_input(found, "preceded by a layer; insert after it");
  refuse_merge(found, "has no one place before it; insert after one of ");
  return finish(model, {.edits = {{found.layer.base().get(), {.before = added}}}},
                cat(names_of(added), " inserted before '", found.path, "'"));
}

Edited remove_layer(const Model& model, const std::string& layer) {
  const FoundLayer found = find_layer(model, layer);
  refuse_input(found, "removed");
  refuse_merge(found,
               "cannot be removed, because only one of them could replace it: replace it, or cut one of ");
  return finish(model, {.edits = {{found.layer.base().get(), {.removed = true}}}},
                cat(found.layer.class_name(), " '", found.path, "' removed"));
}

Edited replace_layer(const Model& model, const std::string& layer, const Layer& replacement) {
  const FoundLayer found = find_layer(model, layer);
  check_added({replacement});
  refuse_input(found, "replaced; use change_input_size or change_channels");
  const std::string edit =
      cat(found.layer.class_name(), " '", found.path, "' replaced by ", names_of({replacement}));
  const bool takes_over = !replacement.base()->built() &&
                          replacement.class_name() == found.layer.class_name() &&
                          as_model(replacement).base() == nullptr;
  const auto make = [&](const Layer& one, const std::vector<SymbolicTensor>&) {
    return one == found.layer ? replacement : Layer();
  };
  Rebuilt rebuilt = rebuild(model, {.make = make, .ask_for_models = true});
  std::erase_if(rebuilt.pairs, [&](LayerPair& pair) {
    if (pair.to != replacement) return false;
    pair.path = found.path.substr(0, found.path.size() - found.layer.name().size()) + replacement.name();
    if (!takes_over) rebuilt.added.push_back(pair);
    return !takes_over;
  });
  return carry_weights(model, rebuilt, edit);
}

Edited truncate(const Model& model, const std::string& layer) {
  const FoundLayer found = find_layer(model, layer);
  refuse_input(found, "the whole model");
  return finish(model, {.cut = found.layer.base().get()}, cat("cut off after '", found.path, "'"));
}

Edited extract(const Model& model, const std::string& nested) {
  const FoundLayer found = find_layer(model, nested);
  const Model inner = as_model(found.layer);
  if (inner.base() == nullptr) {
    std::string known;
    for (const FoundLayer& one : all_layers(model)) {
      if (as_model(one.layer).base() != nullptr) known += (known.empty() ? "" : ", ") + one.path;
    }
    fail(ErrorKind::invalid_argument, "layer '", found.path, "' is a ", found.layer.class_name(),
         ", not a nested model; ", known.empty() ? "this model has none" : "those are " + known);
  }
  Edited edited = carry_weights(model, rebuild(inner, {}), cat("'", found.path, "' taken out"));
  std::string front;
  for (const layers::Node& node : found.layer.base()->nodes()) {
    if (node.inputs.size() == 1 && node.inputs.front().layer->class_name() != "InputLayer")
      front = node.inputs.front().layer->name();
  }
  if (!front.empty()) {
    edited.report.notes.push_back(cat("Its input is now what '", front,
                                      "' gave it: the layers in front, which may prepare the pixels, stayed "
                                      "after it."));
  }
  return edited;
}

}  // namespace graft::models
