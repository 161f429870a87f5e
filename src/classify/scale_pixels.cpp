// SPDX-License-Identifier: Apache-2.0
// Pixels that the program around a model scaled.
#include <optional>
#include <set>
#include <string_view>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/operation.hpp"
#include "graft/layers/registry.hpp"
#include "graft/models/find_layer.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/quantize.hpp"

namespace graft::classify {
namespace {

using applications::Preprocessing;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> known) {
  for (const std::string_view one : known) {
    if (name == one) return true;
  }
  return false;
}

/// Whether a layer changes the range of the pixels (true), reads them as they are (false), or passes them on
/// (nothing).
std::optional<bool> scales(const Layer& layer) {
  const std::string& class_name = layer.class_name();
  if (is_one_of(class_name, {"Rescaling", "Normalization", "BatchNormalization", "LayerNormalization",
                             "GroupNormalization", "RMSNormalization", "UnitNormalization"}))
    return true;
  if (layers::as_operation(layer.base().get()) != nullptr &&
      is_one_of(class_name, {"Add", "Subtract", "Multiply", "TrueDivide", "Divide"}))
    return true;
  if (layer.weights().empty()) return std::nullopt;
  return layer.name().starts_with("preprocess");  // applications::add_preprocessing()
}

/// What the first layers after the inputs do, in the order of the calls: the first answer that is no "pass
/// on", and the layer that has it.
struct FirstAnswer {
  std::optional<bool> scales;
  Layer layer;
};
FirstAnswer first_answer(const Model& model) {
  std::set<std::pair<const layers::LayerBase*, int>> carried;
  for (const SymbolicTensor& input : model.inputs()) carried.insert({input.layer.get(), input.node});
  for (const models::Call& call : model.functional()->calls()) {
    const layers::Node& node = call.layer->nodes().at(static_cast<std::size_t>(call.node));
    bool reads = false;
    for (const SymbolicTensor& input : node.inputs)
      reads = reads || carried.contains({input.layer.get(), input.node});
    if (!reads) continue;
    const Layer layer(call.layer);
    const Model nested = models::as_model(layer);
    FirstAnswer answer = nested.base() == nullptr ? FirstAnswer{scales(layer), layer} : first_answer(nested);
    if (answer.scales) return answer;
    carried.insert({call.layer.get(), call.node});
  }
  return {};
}

/// The layer that does what add_preprocessing() does, not yet called, and what its weights are to be.
struct Scaling {
  Layer layer;
  std::vector<Tensor> weights;
};

Scaling scaling_layer(const Model& model, Preprocessing pixels) {
  const SymbolicTensor made = applications::add_preprocessing(Input({8, 8, 3}), pixels);
  Json config = made.layer->config();
  config["name"] = models::free_name(model, made.layer->name());
  // Which numbers a Rescaling has does not depend on the number of channels.
  Scaling scaling{.layer = layers::from_config(made.layer->class_name(), config)};
  for (const VariablePtr& weight : made.layer->weights()) scaling.weights.push_back(weight->value());
  return scaling;
}

}  // namespace

models::Edited scale_pixels(const Model& model, Json& metadata, Preprocessing pixels) {
  const Shape input = model.input_shape();
  const bool needs_color = pixels == Preprocessing::caffe || pixels == Preprocessing::torch;
  if (model.inputs().size() != 1 || input.rank() != 4 || (needs_color && input[3] != 3)) {
    fail(ErrorKind::invalid_argument, "pixels: expected a model with one input (None, height, width, ",
         needs_color ? "3" : "channels", "), received ", input);
  }
  if (metadata.contains("preprocessing")) {
    fail(ErrorKind::invalid_argument, "pixels: model '", model.name(),
         "' scales its pixels itself; it accepts raw RGB from 0 to 255");
  }
  models::Edited edited{.model = model};
  if (pixels != Preprocessing::none) {
    const Scaling scaling = scaling_layer(model, pixels);
    edited = models::insert_after(model, model.inputs().front().layer->name(), {scaling.layer});
    const Layer added = edited.model.get_layer(scaling.layer.name());
    const std::vector<VariablePtr> weights = added.weights();
    for (std::size_t i = 0; i < scaling.weights.size(); ++i) weights.at(i)->assign(scaling.weights[i]);
    if (!weights.empty()) Layer(added).set_trainable(false);
  }
  if (metadata.is_null()) metadata = Json::object();
  metadata.erase(kInt8Key);  // found for the model as it was
  metadata["preprocessing"] = "in model";
  return edited;
}

bool scales_its_pixels(const Model& model) { return first_answer(model).scales.value_or(true); }

std::string scaling_layer(const Model& model) {
  const FirstAnswer found = first_answer(model);
  if (!found.scales.value_or(false)) return {};
  // A normalisation with learnt weights may follow scaled pixels, too.
  const bool learnt = !found.layer.weights().empty() && found.layer.class_name() != "Normalization";
  return learnt ? "" : found.layer.name();
}

}  // namespace graft::classify
