// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/execution.hpp"
#include "graft/train.hpp"

#include "transfer/measure/pooled_rows.hpp"
#include "transfer/measure/unseen_answers.hpp"

namespace graft {
inline namespace transfer {

/// What a recipe returns.
struct Trained {
  Model model;
  std::string output{};  ///< what the model's output is, as in its metadata ("softmax", ...)
  double validation_accuracy = 0;
  std::vector<EpochRow> history{};
  TrainFacts facts{};
  std::optional<DTypePolicy> dtype_policy{};  ///< that it was trained with; unset: the calling thread's
  std::string architecture{};                 ///< of the pretrained base; empty: a model of the user's own
  std::string head_scores{};                  ///< what the scores of a classical head are, in words
  /// Answers by heads like the model's, or where head_is_final is false like the one that fine-tuning started
  /// from. Empty: a recipe without such heads.
  UnseenAnswers unseen{};
  bool head_is_final = true;  ///< the model is the frozen base under a head that learnt from validation too
  PooledFeatures pooled{};    ///< as far as they were computed on the way
  Json metadata{};            ///< of the model that training started from; null: none
};

}  // namespace transfer
}  // namespace graft
