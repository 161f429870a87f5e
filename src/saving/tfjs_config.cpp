// SPDX-License-Identifier: Apache-2.0
#include "saving/tfjs_config.hpp"

#include "graft/base/fail.hpp"

namespace graft::saving {
namespace {

constexpr const char* kKerasTensor = "__keras_tensor__";

bool is_symbolic(const Json& value) {
  return value.is_object() && value.value("class_name", "") == kKerasTensor;
}

/// Adds ["conv1", 0, 0, kwargs] for a tensor, or for each in a list.
void add_sources(Json& call, const Json& argument, const Json& kwargs, const std::string& layer) {
  if (argument.is_array()) {
    for (const Json& one : argument) add_sources(call, one, kwargs, layer);
    return;
  }
  if (!is_symbolic(argument)) {
    fail(ErrorKind::unsupported, "layer '", layer,
         "' is called with an argument that is no tensor, which TensorFlow.js cannot read");
  }
  const Json& history = argument["config"]["keras_history"];
  call.push_back({history[0], history[1], history[2], kwargs});
}

/// Keras 3's calls, {"args", "kwargs"}; those of Keras 2 stay.
Json calls_of(const Json& nodes, const std::string& layer) {
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
    for (const Json& argument : node["args"]) add_sources(call, argument, kwargs, layer);
    calls.push_back(std::move(call));
  }
  return calls;
}

/// ["in", 0, 0] as a list of one.
void make_list(Json& config, const char* key) {
  const auto found = config.find(key);
  if (found != config.end() && found->is_array() && !found->empty() && found->front().is_string())
    *found = Json::array({*found});
}

}  // namespace

Json tfjs_config(Json config) {
  Json& inner = config["config"];
  if (!inner.is_object()) return config;
  if (inner.contains("batch_shape")) {
    inner["batch_input_shape"] = inner["batch_shape"];
    inner.erase("batch_shape");
  }
  // A list of one axis there, a number here.
  const auto axis = inner.find("axis");
  if (axis != inner.end() && axis->is_array() && axis->size() == 1) *axis = Json(axis->front());
  if (inner.contains("layers") && inner["layers"].is_array()) {
    for (Json& layer : inner["layers"]) {
      layer = tfjs_config(std::move(layer));
      if (layer.contains("inbound_nodes"))
        layer["inbound_nodes"] = calls_of(layer["inbound_nodes"], layer.value("name", ""));
    }
    make_list(inner, "input_layers");
    make_list(inner, "output_layers");
  }
  return config;
}

}  // namespace graft::saving
