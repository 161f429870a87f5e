// SPDX-License-Identifier: Apache-2.0
#include "saving/tfjs_config.hpp"

#include <set>

#include "graft/base/fail.hpp"

namespace graft::saving {
namespace {

constexpr const char* kKerasTensor = "__keras_tensor__";

bool is_symbolic(const Json& value) {
  return value.is_object() && value.value("class_name", "") == kKerasTensor;
}

using Names = std::set<std::string>;

/// Adds ["conv1", 0, 0, kwargs] for a tensor, or for each in a list. models: the nested ones, whose calls
/// count from 1 as in Keras 2: their own graph is the call 0.
void add_sources(Json& call, const Json& argument, const Json& kwargs, const std::string& layer,
                 const Names& models) {
  if (argument.is_array()) {
    for (const Json& one : argument) add_sources(call, one, kwargs, layer, models);
    return;
  }
  if (!is_symbolic(argument)) {
    fail(ErrorKind::unsupported, "layer '", layer,
         "' is called with an argument that is no tensor, which TensorFlow.js cannot read");
  }
  const Json& history = argument["config"]["keras_history"];
  const int first = models.contains(history[0].get<std::string>()) ? 1 : 0;
  call.push_back({history[0], history[1].get<int>() + first, history[2], kwargs});
}

/// Keras 3's calls, {"args", "kwargs"}; those of Keras 2 stay.
Json calls_of(const Json& nodes, const std::string& layer, const Names& models) {
  Json calls = Json::array();
  for (const Json& node : nodes) {
    if (!node.is_object()) {
      calls.push_back(node);
      continue;
    }
    Json kwargs = Json::object();
    const Json given = node.value("kwargs", Json::object());
    for (const auto& [name, value] : given.items()) {
      if (!value.is_null()) kwargs[name] = value;
    }
    Json call = Json::array();
    for (const Json& argument : node["args"]) add_sources(call, argument, kwargs, layer, models);
    calls.push_back(std::move(call));
  }
  return calls;
}

/// ["in", 0, 0] as a list of one.
void make_list(Json& config, const char* key, const Names& models) {
  const auto found = config.find(key);
  if (found == config.end() || !found->is_array() || found->empty()) return;
  if (found->front().is_string()) *found = Json::array({*found});
  for (Json& end : *found) {
    if (models.contains(end[0].get<std::string>())) end[1] = end[1].get<int>() + 1;
  }
}

/// The models among the layers.
Names nested_models(const Json& layers) {
  Names names;
  for (const Json& layer : layers) {
    if (layer.value("config", Json()).contains("layers")) names.insert(layer.value("name", ""));
  }
  return names;
}

/// Options that have other names there, or other forms.
void rename_options(const std::string& class_name, Json& config) {
  // A list of one axis there, a number here.
  const auto axis = config.find("axis");
  if (axis != config.end() && axis->is_array() && axis->size() == 1) *axis = Json(axis->front());
  if (class_name == "LeakyReLU" && config.contains("negative_slope")) {
    config["alpha"] = config["negative_slope"];
    config.erase("negative_slope");
  }
}

}  // namespace

Json tfjs_config(Json config) {
  Json& inner = config["config"];
  if (!inner.is_object()) return config;
  if (inner.contains("batch_shape")) {
    inner["batch_input_shape"] = inner["batch_shape"];
    inner.erase("batch_shape");
  }
  rename_options(config.value("class_name", ""), inner);
  if (inner.contains("layers") && inner["layers"].is_array()) {
    // Version 1 knows no other name for a graph of layers, and later ones know it still.
    if (config.value("class_name", "") == "Functional") config["class_name"] = "Model";
    const Names models = nested_models(inner["layers"]);
    for (Json& layer : inner["layers"]) {
      layer = tfjs_config(std::move(layer));
      if (layer.contains("inbound_nodes"))
        layer["inbound_nodes"] = calls_of(layer["inbound_nodes"], layer.value("name", ""), models);
    }
    make_list(inner, "input_layers", models);
    make_list(inner, "output_layers", models);
  }
  return config;
}

}  // namespace graft::saving
