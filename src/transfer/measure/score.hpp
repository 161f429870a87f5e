// SPDX-License-Identifier: Apache-2.0
// A trained model on the test photos.
#pragma once

#include <vector>

#include "graft/base/json.hpp"
#include "graft/model.hpp"
#include "graft/train.hpp"

#include "transfer/load/photos.hpp"

namespace graft::inline transfer {

/// Which class each row of a model's output names: the larger output, or for one output whether it is above
/// the threshold: 0 for a logit, 0.5 for a probability.
[[nodiscard]] std::vector<int> predicted_classes(const Tensor& output, float threshold = 0);
/// The threshold for a model's one output, by its metadata.
[[nodiscard]] float threshold_of(const Json& metadata);

/// Runs the model over the test photos and fills test_accuracy, confusion and the counts.
void score_test(TrainResult& result, const Photos& photos);

/// A model's output for the test photos. Where it ends in a Dense layer, its features are kept for the next
/// run.
[[nodiscard]] Tensor predict_test(Model model, const Photos& photos);

}  // namespace graft::inline transfer
