// SPDX-License-Identifier: Apache-2.0
// The three strategies, run on chosen photos for a chosen amount of work.
#pragma once

#include <vector>

#include "graft/transfer/advise.hpp"
#include "graft/transfer/logistic_head.hpp"

#include "transfer/base_model.hpp"
#include "transfer/features.hpp"
#include "transfer/fine_tuning.hpp"
#include "transfer/session.hpp"

namespace graft::transfer {

/// On what and how long strategies are tried.
struct TrialGround {
  const RecipeRun& run;
  const TrainOptions& options;
  data::Dataset taught;  ///< in a fixed order
  data::Dataset judged;
  double operations = 0;  ///< multiplications and additions that a strategy may take
};

/// A trial and how it told the judged photos apart.
struct TrialResult {
  StrategyTrial trial;
  RowScores scores;
};

/// Tries a strategy from freshly loaded weights, with as many of the taught photos as the memory allowed
/// holds.
[[nodiscard]] TrialResult try_strategy(const TrialGround& ground, Strategy strategy);

/// Where a strategy that trains begins, how fast and how long, within so much work.
struct StrategyNeeds {
  std::size_t views = 0;
  double operations = 0;
  std::int64_t most_epochs = 0;
};
[[nodiscard]] FineTuningPlan plan_strategy(const BaseModel& base, Strategy strategy,
                                           const StrategyNeeds& needs);

/// All outputs of a model for photos. Error{interrupted} when the reporter asks to stop.
[[nodiscard]] std::vector<Tensor> all_features(const FeatureRequest& request, const data::Dataset& photos,
                                               Reporter& reporter);

/// Photos of a data set, class by class in their proportions, at most so many.
[[nodiscard]] data::Dataset part_of(const data::Dataset& photos, std::size_t most, std::uint64_t seed);

}  // namespace graft::transfer
