// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/operation.hpp"
#include "graft/layers/registry.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/saving.hpp"

#include "saving/model_walk.hpp"

namespace graft::saving {
namespace {

using models::FunctionalModel;

/// Numbers of the layers that are part of more than one model within the outermost: Keras makes each only
/// once.
using SharedLayers = std::map<const layers::LayerBase*, int>;

Json layer_json(const Layer& layer, const SharedLayers& shared);

SharedLayers find_shared(const Model& model) {
  std::map<const layers::LayerBase*, int> seen;
  SharedLayers shared;
  for (const StoredLayer& stored : stored_layers(model)) {
    const Model inner = as_model(stored.layer);
    if (inner.base() == nullptr) continue;
    for (const Layer& layer : inner.layers()) {
      if (++seen[layer.base().get()] == 2)
        shared.emplace(layer.base().get(), static_cast<int>(shared.size()) + 1);
    }
  }
  return shared;
}

/// Calls of the layers of one model and their numbers in its config: those of other models,
/// which may share the layers, do not count.
class CallNumbers {
 public:
  explicit CallNumbers(const FunctionalModel& model) {
    for (const models::Call& call : model.calls()) nodes_[call.layer.get()].push_back(call.node);
    for (auto& [layer, nodes] : nodes_) std::ranges::sort(nodes);
  }

  [[nodiscard]] int number(const SymbolicTensor& tensor) const {
    const std::vector<int>& nodes = nodes_.at(tensor.layer.get());
    return static_cast<int>(std::ranges::lower_bound(nodes, tensor.node) - nodes.begin());
  }
  [[nodiscard]] const std::vector<int>& nodes(const layers::LayerBase* layer) const {
    return nodes_.at(layer);
  }

 private:
  std::map<const layers::LayerBase*, std::vector<int>> nodes_;
};

Json tensor_json(const SymbolicTensor& tensor, const CallNumbers& numbers) {
  return {{"class_name", "__keras_tensor__"},
          {"config",
           {{"shape", shape_json(tensor.shape)},
            {"dtype", "float32"},
            {"keras_history", Json::array({tensor.layer->name(), numbers.number(tensor), tensor.index})}}}};
}

/// Puts the tensors in the place of an operation's placeholders.
void fill_placeholders(Json& value, const Json& tensors) {
  if (const auto index = layers::placeholder_index(value)) {
    value = tensors.at(*index);
  } else if (value.is_structured()) {
    for (Json& item : value) fill_placeholders(item, tensors);
  }
}

Json node_json(const layers::LayerBase& layer, const layers::Node& node, const CallNumbers& numbers) {
  Json tensors = Json::array();
  for (const SymbolicTensor& input : node.inputs) tensors.push_back(tensor_json(input, numbers));
  Json kwargs = Json::object();
  if (node.options.training) kwargs["training"] = *node.options.training;
  if (const layers::Operation* operation = layers::as_operation(&layer)) {
    Json arguments = operation->operation_call().arguments;
    kwargs = operation->operation_call().keywords;
    fill_placeholders(arguments, tensors);
    fill_placeholders(kwargs, tensors);
    return {{"args", arguments}, {"kwargs", kwargs}};
  }
  // Concatenate has a list of inputs even for one.
  const bool list = node.inputs.size() > 1 || layer.class_name() == "Concatenate";
  return {{"args", list ? Json::array({tensors}) : tensors}, {"kwargs", kwargs}};
}

/// A model's inputs or outputs. Keras counts the calls of a nested Functional model from 1 in this place
/// alone.
Json ends_json(const std::vector<SymbolicTensor>& ends, const CallNumbers& numbers) {
  Json list = Json::array();
  for (const SymbolicTensor& end : ends) {
    const int first = end.layer->class_name() == "Functional" ? 1 : 0;
    list.push_back(Json::array({end.layer->name(), numbers.number(end) + first, end.index}));
  }
  return list.size() == 1 ? list.front() : list;
}

Json functional_config(const FunctionalModel& model, const SharedLayers& shared) {
  const CallNumbers numbers(model);
  Json layers = Json::array();
  for (const Layer& layer : model.operations()) {
    Json entry = layer_json(layer, shared);
    entry["name"] = layer.name();
    entry["inbound_nodes"] = Json::array();
    for (const int index : numbers.nodes(layer.base().get())) {
      const layers::Node& node = layer.base()->nodes().at(static_cast<std::size_t>(index));
      if (!node.inputs.empty()) entry["inbound_nodes"].push_back(node_json(*layer.base(), node, numbers));
    }
    layers.push_back(std::move(entry));
  }
  return {{"name", model.name()},
          {"trainable", model.trainable()},
          {"layers", std::move(layers)},
          {"input_layers", ends_json(model.inputs(), numbers)},
          {"output_layers", ends_json(model.outputs(), numbers)}};
}

Json sequential_config(const FunctionalModel& model, const SharedLayers& shared) {
  Json layers = Json::array();
  for (const Layer& layer : model.model_layers()) layers.push_back(layer_json(layer, shared));
  return {{"name", model.name()},
          {"trainable", model.trainable()},
          {"dtype", "float32"},
          {"layers", std::move(layers)},
          {"build_input_shape", shape_json(model.inputs().front().shape)}};
}

Json model_json(const FunctionalModel& model, const SharedLayers& shared) {
  for (const SymbolicTensor& input : model.inputs()) {
    if (input.layer->class_name() == "InputLayer") continue;
    fail(ErrorKind::unsupported, "model '", model.name(), "' begins at the output of layer '",
         input.layer->name(),
         "' and cannot be stored; build it on Input() and call the layers after that one");
  }
  const bool sequential = model.class_name() == "Sequential";
  Json json{{"module", sequential ? "keras" : "keras.src.models.functional"},
            {"class_name", sequential ? "Sequential" : "Functional"},
            {"config", sequential ? sequential_config(model, shared) : functional_config(model, shared)},
            {"registered_name", sequential ? Json(nullptr) : Json("Functional")}};
  json["build_config"] = {
      {"input_shape", sequential ? shape_json(model.inputs().front().shape) : Json(nullptr)}};
  return json;
}

/// Module and registered name of a layer's class.
std::pair<std::string, Json> class_of(const Layer& layer) {
  const std::string module = layer.base()->module_name();
  const bool is_public = module == "keras.layers";
  const std::string registered = layers::registered_name(layer.class_name());
  if (!registered.empty())
    return {is_public ? registered.substr(0, registered.find('>')) : module, registered};
  // Keras names classes outside its public modules in this place as well.
  return {module, is_public ? Json(nullptr) : Json(layer.class_name())};
}

Json plain_layer_json(const Layer& layer) {
  const auto [module, registered] = class_of(layer);
  Json json{{"module", module},
            {"class_name", layer.class_name()},
            {"config", layer.config()},
            {"registered_name", registered}};
  const std::vector<layers::Node>& nodes = layer.base()->nodes();
  if (!layer.weights().empty() && !nodes.empty() && nodes.front().inputs.size() == 1) {
    json["build_config"] = {{"input_shape", shape_json(nodes.front().inputs.front().shape)}};
  }
  return json;
}

Json layer_json(const Layer& layer, const SharedLayers& shared) {
  const Model model = as_model(layer);
  Json json = model.base() == nullptr ? plain_layer_json(layer) : model_json(*model.functional(), shared);
  const auto number = shared.find(layer.base().get());
  if (number != shared.end()) json["shared_object_id"] = number->second;
  return json;
}

}  // namespace

Json model_config(const Model& model) { return model_json(*model.functional(), find_shared(model)); }

}  // namespace graft::saving
