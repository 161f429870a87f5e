// SPDX-License-Identifier: Apache-2.0
// The rules from probabilities to answers that a trained model is saved with.
#pragma once

#include <optional>

#include "graft/train.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/load/photos.hpp"

namespace graft {
inline namespace transfer {

/// The options of a run whose wanted recall can be met: with AutomaticRecipe the head stays as it is solved
/// where the validation photos alone, which judge a fine-tuned network, are too few for the recall, and a
/// note says so. Errors: Error{not_found} for a class that there is not; Error{invalid_argument} where the
/// photos are too few, before anything is trained.
[[nodiscard]] TrainOptions options_for_recall(const TrainOptions& options, const Photos& photos,
                                              Reporter& reporter);

/// Finds the thresholds from the answers for photos that what answered had not been trained on, and measures
/// them on the test photos. Nothing where there are too few answers. head_is_final: answers of heads are
/// those of heads like the model's. Errors: Error{invalid_argument} for a wanted recall that the photos do
/// not allow, unless the run was stopped; that is a note then.
[[nodiscard]] std::optional<DecisionFacts> find_decisions(const TrainOptions& options,
                                                          const PhotoAnswers& answers, bool head_is_final,
                                                          const std::vector<std::string>& class_names,
                                                          Reporter& reporter);

}  // namespace transfer
}  // namespace graft
