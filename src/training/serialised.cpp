// SPDX-License-Identifier: Apache-2.0
#include "training/serialised.hpp"

#include "graft/base/fail.hpp"

namespace graft::training {

Serialised read_serialised(const Json& json, const char* what) {
  if (!json.is_object() || !json.contains("class_name") || !json["class_name"].is_string()) {
    fail(ErrorKind::bad_file, what, ": expected an object with class_name and config, received ",
         json.dump().substr(0, 80));
  }
  Serialised result{.class_name = json["class_name"].get<std::string>(), .config = Json::object()};
  if (json.contains("config") && json["config"].is_object()) result.config = json["config"];
  return result;
}

Json write_serialised(const char* module, const std::string& class_name, Json config) {
  return {{"module", module},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", nullptr}};
}

}  // namespace graft::training
