// SPDX-License-Identifier: Apache-2.0

#include "saving/legacy_config.hpp"

#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

namespace graft::saving {
namespace {

bool is_model(const Json& entry) {
  return entry.is_object() && entry.contains("config") && entry["config"].is_object() &&
         entry["config"].contains("layers");
}

/// Whether the config of a layer has this activation: its name, alone or serialised as an object.
bool has_activation(const Json& config, const char* name) {
  const auto found = config.find("activation");
  if (found == config.end()) return false;
  return *found == name || (found->is_object() && found->value("config", Json()) == name);
}

}  // namespace

void refuse_keras2_functions(const Json& config, const std::string& version, const std::string& place) {
  if (!version.starts_with("2.") && !version.starts_with("1.")) return;
  std::vector<const Json*> waiting{&config};
  while (!waiting.empty()) {
    const Json& value = *waiting.back();
    waiting.pop_back();
    if (!value.is_structured()) continue;
    if (value.is_object() && has_activation(value, "hard_sigmoid")) {
      const auto name = value.find("name");
      const bool named = name != value.end() && name->is_string();
      fail(ErrorKind::unsupported, place, ": layer '", named ? name->get<std::string>() : "?",
           "': the activation hard_sigmoid of Keras ", version,
           " is clip(0.2 x + 0.5, 0, 1), that of Keras 3 and graft relu6(x + 3) / 6. In Keras 2, replace it "
           "by "
           "Rescaling(0.2, 0.5) and ReLU(max_value=1.0), and save the model again");
    }
    for (const Json& inner : value) waiting.push_back(&inner);
  }
}

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
