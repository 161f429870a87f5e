// SPDX-License-Identifier: Apache-2.0
// Two networks whose answers are averaged, as one Keras model.
#pragma once

#include "transfer/base/classifier_graph.hpp"
#include "transfer/recipes/one_network.hpp"

namespace graft {
inline namespace transfer {

/// The head over two networks' features side by side whose logits are the mean of both heads' logits.
[[nodiscard]] LinearHead mean_of_heads(const LinearHead& first, const LinearHead& second);

/// The model whose logits are the mean of both networks' logits. with_validation: see OneNetwork::head.
[[nodiscard]] ClassifierGraph join_networks(const RunContext& run, const OneNetwork& first,
                                            const OneNetwork& second, bool with_validation);

/// Which of two networks' answers have the least loss on photos that neither has seen, calibrated.
struct AnswersOfTwo {
  UnseenAnswers first, second, mean;  ///< for the same photos
  double first_loss = 0, second_loss = 0, mean_loss = 0;
  /// The mean takes the time of both at each prediction, so that equal is not enough.
  [[nodiscard]] bool mean_is_best() const { return mean_loss < first_loss && mean_loss < second_loss; }
};
/// Where one of them was fine-tuned, only the validation photos are unseen.
[[nodiscard]] AnswersOfTwo answers_of_two(const OneNetwork& first, const OneNetwork& second);

}  // namespace transfer
}  // namespace graft
