// SPDX-License-Identifier: Apache-2.0
// What runs share that solve nothing but a head on the frozen network: several labels, numbers.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "graft/train.hpp"

#include "transfer/base/base_model.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/state/run_context.hpp"

namespace graft {
inline namespace transfer {

/// Options that name a network, of several here the one with the best published accuracy, and keep no state.
/// kind: of the photos, for the note: "several labels".
[[nodiscard]] TrainOptions with_named_network(const TrainOptions& given, const std::string& kind,
                                              Reporter& reporter);

/// The pooled output of the base for photos in their order, float32 (views n, D). Throws Error{interrupted}.
[[nodiscard]] Tensor frozen_features(const RunContext& run, const BaseModel& base,
                                     const data::Dataset& photos, const std::string& stage, int views);

/// Weights of training photos, then of validation photos; their mean is 1 over the training photos. Empty:
/// there are none. Throws Error{invalid_argument} where all are 0.
[[nodiscard]] std::vector<float> head_weights(const Photos& photos);

/// Answers of heads for photos that they had not seen. Photos: training before validation.
struct HeadAnswers {
  const std::vector<std::size_t>& answered;  ///< the photo of each answer
  const std::vector<std::size_t>& folds;     ///< of each answer, from 1; 0 for validation photos
  Tensor values;                             ///< (answers, K)
};
/// Answers in the order of training, validation and test photos. They lack the truth.
struct OrderedAnswers {
  PhotoAnswers answers;
  std::vector<std::pair<Part, std::size_t>>
      places;  ///< of each answer: the part, and the photo's number in it
};
/// test: the model's answers for the test photos.
[[nodiscard]] OrderedAnswers order_answers(const Photos& photos, const HeadAnswers& heads,
                                           const Tensor& test);

}  // namespace transfer
}  // namespace graft
