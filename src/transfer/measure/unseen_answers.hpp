// SPDX-License-Identifier: Apache-2.0
// Answers for photos that what answered had not seen: what strength, calibration and predictions.csv rest on.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "graft/tensor.hpp"
#include "graft/transfer/logistic_head.hpp"

namespace graft {
inline namespace transfer {

/// Answers for training and validation photos by heads that had not seen them.
struct UnseenAnswers {
  std::vector<std::size_t> photos;  ///< training photos 0 to n - 1, validation photos n to n + m - 1
  std::vector<std::size_t> folds;   ///< 0: a validation photo, by the head of all training photos; else the
                                    ///< fold, from 1, whose photos the head had not seen
  std::vector<int> labels;          ///< the true class of each
  Tensor logits;                    ///< (answers, classes)
  [[nodiscard]] bool empty() const { return photos.empty(); }
};

/// The answers for validation photos alone.
[[nodiscard]] UnseenAnswers validation_answers(const UnseenAnswers& answers);

/// Losses and errors of the answers; or of those for validation photos, which are the first.
[[nodiscard]] RowScores scores_of_answers(const UnseenAnswers& answers, bool validation_only = false);

/// calibrated_loss() of the answers.
[[nodiscard]] double calibrated_loss(const UnseenAnswers& answers, std::span<const double> class_weights);

/// The mean of both answers' logits, for the same photos in the same order.
[[nodiscard]] UnseenAnswers mean_of_answers(const UnseenAnswers& a, const UnseenAnswers& b);

/// Adds the answers for other photos.
void append(UnseenAnswers& answers, const UnseenAnswers& more);

}  // namespace transfer
}  // namespace graft
