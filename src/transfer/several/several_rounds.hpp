// SPDX-License-Identifier: Apache-2.0
// What a later round knows of the earlier ones, and how it compares with them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graft/evaluation.hpp"
#include "graft/recipes.hpp"

#include "transfer/frozen/frozen_head.hpp"
#include "transfer/load/photos.hpp"

namespace graft {
inline namespace transfer {

/// What is known of the earlier rounds.
struct EarlierLabels {
  EarlierModel start;                 ///< its base's weights are those to start from
  std::vector<std::string> labels;    ///< that the photos must have too
  std::vector<double> thresholds;     ///< of these labels
  std::vector<RoundRecord> rounds{};  ///< the first one first
  std::map<std::string, Part> parts;  ///< of their photos, by their prints: they keep them
};

/// Answers for the test photos, (N, labels of the model), by the earlier model and by this round's.
struct RoundAnswers {
  const Tensor& before;
  const Tensor& now;
  const std::vector<double>& thresholds;  ///< of this round's model
};

/// A row for each earlier round, of its test photos that are among these, and one for this round, of all: the
/// part of the photos with all labels right that the earlier model has. The row of this round has no folder.
[[nodiscard]] std::vector<RoundScore> score_label_rounds(const EarlierLabels& earlier,
                                                         const RoundAnswers& answers, const Photos& photos);

}  // namespace transfer
}  // namespace graft
