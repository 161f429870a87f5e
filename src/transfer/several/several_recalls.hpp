// SPDX-License-Identifier: Apache-2.0
// TrainOptions::min_recall for several labels on a photo: the threshold of a label is low enough to find that
// part of its photos.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "graft/decision.hpp"
#include "graft/train.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/load/photos.hpp"

namespace graft {
inline namespace transfer {

/// A label that must not be missed.
struct LabelRecall {
  std::size_t label = 0;  ///< its position
  MinRecall wanted;
};

/// Those of the options. Throws Error{not_found} for a label that there is not.
[[nodiscard]] std::vector<LabelRecall> label_recalls(const TrainOptions& options,
                                                     const std::vector<std::string>& names);

/// The options with which the photos have thresholds for these recalls: without fine-tuning where the
/// validation photos alone are too few, with a note. by_heads: heads answer for training photos that they
/// have not seen. Throws Error{invalid_argument} where the photos are too few in any case.
[[nodiscard]] TrainOptions options_for_label_recalls(const TrainOptions& options, const Photos& photos,
                                                     bool by_heads, Reporter& reporter);

/// What was made of wanted recalls.
struct LoweredThresholds {
  std::vector<RecallRule> rules;  ///< with the thresholds that the labels have now
  std::vector<std::string> notes;
};
/// Lowers the thresholds of these labels to what find_recall_threshold() finds in answers for unseen photos,
/// (N, K). Where a run was stopped before there were enough answers, a note says so, the threshold stays, and
/// there is no rule.
[[nodiscard]] LoweredThresholds lower_for_recalls(const std::vector<LabelRecall>& recalls,
                                                  const Tensor& probabilities, const Tensor& truth,
                                                  std::vector<double>& thresholds);

}  // namespace transfer
}  // namespace graft
