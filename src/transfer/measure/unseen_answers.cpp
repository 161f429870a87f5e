// SPDX-License-Identifier: Apache-2.0
#include "transfer/measure/unseen_answers.hpp"

#include <algorithm>

#include "transfer/measure/comparison.hpp"

namespace graft::transfer {

UnseenAnswers validation_answers(const UnseenAnswers& answers) {
  const auto rows = std::ranges::count(answers.folds, std::size_t{0});
  return {.photos = {answers.photos.begin(), answers.photos.begin() + rows},
          .folds = {answers.folds.begin(), answers.folds.begin() + rows},
          .labels = {answers.labels.begin(), answers.labels.begin() + rows},
          .logits = answers.logits.slice(0, rows)};
}

RowScores scores_of_answers(const UnseenAnswers& answers, bool validation_only) {
  if (validation_only) return scores_of_answers(validation_answers(answers));
  return score_logits(answers.logits, answers.labels);
}

double calibrated_loss(const UnseenAnswers& answers, std::span<const double> class_weights) {
  return calibrated_loss(answers.logits, answers.labels, class_weights);
}

UnseenAnswers mean_of_answers(const UnseenAnswers& a, const UnseenAnswers& b) {
  UnseenAnswers both = a;
  both.logits = a.logits.clone();
  const auto mean = both.logits.data();
  const auto other = b.logits.data();
  for (std::size_t i = 0; i < mean.size(); ++i) mean[i] = 0.5F * (mean[i] + other[i]);
  return both;
}

void append(UnseenAnswers& answers, const UnseenAnswers& more) {
  if (more.empty()) return;
  Tensor logits(Shape{answers.logits.shape()[0] + more.logits.shape()[0], more.logits.shape()[1]});
  logits.slice(0, answers.logits.shape()[0]).copy_from(answers.logits);
  logits.slice(answers.logits.shape()[0], logits.shape()[0]).copy_from(more.logits);
  answers.logits = logits;
  answers.photos.insert(answers.photos.end(), more.photos.begin(), more.photos.end());
  answers.folds.insert(answers.folds.end(), more.folds.begin(), more.folds.end());
  answers.labels.insert(answers.labels.end(), more.labels.begin(), more.labels.end());
}

}  // namespace graft::transfer
