// SPDX-License-Identifier: Apache-2.0
#include "training/registry.hpp"

namespace graft::training {

void check_registration(const char* kind, const std::string& package, const std::string& class_name) {
  for (const std::string* name : {&package, &class_name}) {
    if (name->empty() || name->find('>') != std::string::npos) {
      fail(ErrorKind::invalid_argument, "register_", kind,
           ": expected a package and a class name without '>' that are not empty, received '", package,
           "' and '", class_name, "'");
    }
  }
}

Json write_registered(const std::string& class_name, const std::string& registered_name, Json config) {
  return {{"module", nullptr},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", registered_name}};
}

}  // namespace graft::training
