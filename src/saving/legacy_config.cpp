// SPDX-License-Identifier: Apache-2.0

#include "saving/legacy_config.hpp"

#include "graft/base/json.hpp"

namespace graft::saving {
namespace {

bool is_model(const Json& entry) {
  return entry.is_object() && entry.contains("config") && entry["config"].is_object() &&
         entry["config"].contains("layers");
}

}  // namespace

Json legacy_config(const Json& config) {
  Json result{{"class_name", config.at("class_name")}, {"config", config.at("config")}};
  for (const char* key : {"name", "inbound_nodes"}) {
    if (config.contains(key)) result[key] = config[key];
  }
  if (is_model(config)) {
    for (Json& layer : result["config"]["layers"]) layer = legacy_config(layer);
  }
  return result;
}

Json training_config(const Json& compile_config) {
  Json result = compile_config;
  const Json optimizer = result.value("optimizer", Json());
  result.erase("optimizer");
  // Keras requires each of these.
  for (const char* key : {"loss", "loss_weights", "metrics", "weighted_metrics"}) {
    if (!result.contains(key)) result[key] = nullptr;
  }
  if (optimizer.is_object()) {
    result["optimizer_config"] = {{"class_name", optimizer.value("class_name", Json())},
                                  {"config", optimizer.value("config", Json::object())}};
  } else {
    result["optimizer_config"] = optimizer;
  }
  return result;
}

Json compile_config(const Json& training_config) {
  if (!training_config.is_object()) return training_config;
  Json result = training_config;
  const auto optimizer = result.find("optimizer_config");
  if (optimizer == result.end()) return result;
  Json found = *optimizer;
  if (found.is_object()) {
    found["module"] = "keras.optimizers";
    found["registered_name"] = nullptr;
  }
  result["optimizer"] = std::move(found);
  result.erase("optimizer_config");
  return result;
}

}  // namespace graft::saving
