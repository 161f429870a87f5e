// SPDX-License-Identifier: Apache-2.0
#include "training/registry.hpp"

#include "graft/extend/loss.hpp"
#include "graft/extend/metric.hpp"

namespace graft {

/// As Keras writes what keras.saving.register_keras_serializable() registered under its default package.
Json training::write_registered(const std::string& class_name, Json config) {
  return {{"module", nullptr},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", "Custom>" + class_name}};
}

Json Loss::serialised(const std::string& class_name, Json config) {
  return training::write_registered(class_name, std::move(config));
}

Json Metric::serialised(const std::string& class_name, Json config) {
  return training::write_registered(class_name, std::move(config));
}

}  // namespace graft
