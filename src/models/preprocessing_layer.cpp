// SPDX-License-Identifier: Apache-2.0
#include "graft/models/preprocessing_layer.hpp"

#include "graft/models/find_layer.hpp"

namespace graft::models {

bool reverses_channels(const Layer& layer) {
  return layer.name() == kReversesChannels && layer.class_name() == "Conv2D";
}

std::int64_t preprocessing_params(const Model& model) {
  std::int64_t params = 0;
  for (const FoundLayer& found : all_layers(model)) {
    if (reverses_channels(found.layer)) params += found.layer.count_params();
  }
  return params;
}

}  // namespace graft::models
