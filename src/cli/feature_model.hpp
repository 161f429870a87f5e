// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/models/model.hpp"

namespace graft::cli {

/// The model from its input up to a layer's output, sharing its weights. The layer may lie in a nested model.
/// Throws Error{not_found}.
[[nodiscard]] Model up_to_layer(const Model& model, const std::string& layer);
/// Up to what the classifier sees: the last global pooling or Flatten, else the model's own output.
[[nodiscard]] Model up_to_features(const Model& model);

}  // namespace graft::cli
