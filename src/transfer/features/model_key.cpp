// SPDX-License-Identifier: Apache-2.0
#include "transfer/features/model_key.hpp"

#include <map>
#include <span>

#include "graft/base/json.hpp"
#include "graft/saving.hpp"

namespace graft::transfer {
namespace {

/// Layers by their number in their model: a name may say no more than how many layers were made before.
class Numbers {
 public:
  explicit Numbers(Json& functional) {
    for (Json& layer : functional["layers"])
      numbers_.emplace(layer["name"].get<std::string>(), cat_number(numbers_.size()));
    for (Json& layer : functional["layers"]) {
      rename(layer["name"]);
      layer["config"]["name"] = layer["name"];
      rename_histories(layer["inbound_nodes"]);
    }
    for (const char* ends : {"input_layers", "output_layers"}) rename_ends(functional[ends]);
  }

 private:
  static std::string cat_number(std::size_t number) { return "#" + std::to_string(number); }

  void rename(Json& name) {
    const auto found = numbers_.find(name.get<std::string>());
    if (found != numbers_.end()) name = found->second;
  }

  void rename_histories(Json& node) {
    if (node.is_object() && node.contains("keras_history")) {
      rename(node["keras_history"][0]);
    } else if (node.is_structured()) {
      for (Json& part : node) rename_histories(part);
    }
  }

  /// ["name", 0, 0] or a list of such.
  void rename_ends(Json& ends) {
    if (ends.empty()) return;
    if (ends.front().is_string()) return rename(ends.front());
    for (Json& end : ends) rename(end.front());
  }

  std::map<std::string, std::string> numbers_;
};

/// config: of a layer or model as saving::model_config() writes it.
void leave_names_out(Json& config) {
  Json& inner = config["config"];
  if (config["class_name"] == "Functional") {
    inner["name"] = "";
    const Numbers numbers(inner);
  }
  if (inner.contains("layers")) {
    for (Json& layer : inner["layers"]) leave_names_out(layer);
  }
}

}  // namespace

Hash128 model_key(const Model& model) {
  Json config = saving::model_config(model);
  leave_names_out(config);
  Hasher hasher;
  hasher.add(config.dump());
  for (const VariablePtr& weight : model.weights()) {
    const Tensor& value = weight->value();
    hasher.add(value.shape().rank());
    for (const std::int64_t size : value.shape().sizes()) hasher.add(size);
    hasher.add(std::span(static_cast<const std::byte*>(value.raw()), value.size_bytes()));
  }
  return hasher.digest();
}

}  // namespace graft::transfer
