// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "graft/model.hpp"

namespace graft {
inline namespace models {

/// The last layers of a classifier, also in nested models.
struct HeadLayers {
  Layer classifier;             ///< the last Dense or Conv2D on the way to the output
  std::int64_t units = 0;       ///< its outputs
  std::vector<Layer> after;     ///< layers without weights after it, last first
  std::vector<Layer> in_front;  ///< between the features and it: those that take (N, D), last first
};

/// Errors: Error{invalid_argument} when the model ends in something else, or has several outputs.
[[nodiscard]] HeadLayers find_head(const Model& model);

/// A Reshape's target that ends in the old number of classes gets the new one.
void fit_target_shape(Json& config, std::int64_t before, std::int64_t after);

}  // namespace models
}  // namespace graft
