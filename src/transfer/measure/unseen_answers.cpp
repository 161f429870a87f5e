// SPDX-License-Identifier: Apache-2.0
#include "transfer/measure/unseen_answers.hpp"

#include <algorithm>

#include "transfer/measure/comparison.hpp"

namespace graft::transfer {
namespace {

/// What an answer is judged by: all of them, or those for validation photos, which are the first.
struct Judged {
  Tensor logits;
  std::vector<int> labels;
};

Judged judged(const UnseenAnswers& answers, bool validation_only) {
  const auto rows = validation_only ? std::ranges::count(answers.folds, std::size_t{0})
                                    : static_cast<std::ptrdiff_t>(answers.photos.size());
  return {answers.logits.slice(0, rows), {answers.labels.begin(), answers.labels.begin() + rows}};
}

}  // namespace

RowScores scores_of_answers(const UnseenAnswers& answers, bool validation_only) {
  const Judged rows = judged(answers, validation_only);
  return score_logits(rows.logits, rows.labels);
}

double calibrated_loss(const UnseenAnswers& answers, bool validation_only) {
  const Judged rows = judged(answers, validation_only);
  return calibrated_loss(rows.logits, rows.labels);
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
