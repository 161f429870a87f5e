// SPDX-License-Identifier: Apache-2.0
#include "layers/layer_class.hpp"

namespace graft::layers {

ConfigReader layer_reader(const Json& config) {
  const bool named = config.is_object() && config.contains("name") && config["name"].is_string();
  const std::string name = named ? config["name"].get<std::string>() : "?";
  return {config, "config of layer '" + name + "'", ConfigReader::Integers::sizes};
}

}  // namespace graft::layers
