// SPDX-License-Identifier: Apache-2.0
#include "graft/models/pooled_features.hpp"

#include "graft/layers/pooling.hpp"
#include "graft/layers/reshaping.hpp"
#include "graft/models/feature_model.hpp"

namespace graft::models {

Model pooled_features(const Model& model) {
  Model features = up_to_features(model);
  const SymbolicTensor output = features.outputs().front();
  if (output.shape.rank() == 2) return features;
  if (output.shape.rank() == 4) return Model(features.inputs(), {layers::GlobalAveragePooling2D()(output)});
  return Model(features.inputs(), {layers::Flatten()(output)});
}

}  // namespace graft::models
