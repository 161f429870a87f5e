// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/model.hpp"

namespace graft {
inline namespace models {

/// The model from its input to the output of a layer, which may be in a nested model. Shares the weights.
/// Throws Error{not_found}.
[[nodiscard]] Model up_to_layer(const Model& model, const std::string& layer);
/// The model up to the input of its classifier: the last global pooling or Flatten, else its output.
[[nodiscard]] Model up_to_features(const Model& model);
/// The model up to the input of its last layer with weights: layers[-2] of most classifiers. Throws
/// Error{unsupported} for a model with several outputs, or without weights.
[[nodiscard]] Model up_to_predictions(const Model& model);

}  // namespace models
}  // namespace graft
