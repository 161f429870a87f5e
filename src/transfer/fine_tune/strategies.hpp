// SPDX-License-Identifier: Apache-2.0
// The three strategies, run on chosen photos for a chosen amount of work.
#pragma once

#include <optional>
#include <vector>

#include "graft/train.hpp"
#include "graft/transfer/logistic_head.hpp"

#include "transfer/base/base_model.hpp"
#include "transfer/fine_tune/fine_tuning.hpp"
#include "transfer/fine_tune/frozen_photos.hpp"
#include "transfer/state/run_context.hpp"

namespace graft {
inline namespace transfer {

/// On what and how long strategies are tried.
struct TrialGround {
  const RunContext& run;
  TrainingPhotos teaching;        ///< photos to learn from, and to choose a head's strength by
  data::Dataset judged;           ///< held-out photos: they decide nothing
  double operations = 0;          ///< multiplications and additions that a strategy may take
  std::optional<double> seconds;  ///< in their place, where the clock is to decide
  /// As train() ends: a head that is all is solved once more with the validation photos added.
  bool in_full = false;
};

/// A trial and its scores on the held-out photos.
struct TrialResult {
  StrategyTrial trial;
  RowScores scores;
};

/// Tries a strategy from freshly loaded weights, as the default recipe runs it: a head on one or several
/// depths; or fine-tuning from the head on the last features, with as many of the photos as the memory
/// allowed holds. frontier: where to begin; unset: by the work or the seconds allowed.
[[nodiscard]] TrialResult try_strategy(const TrialGround& ground, Strategy strategy,
                                       const std::optional<Frontier>& frontier = std::nullopt);

/// Limits for training on this many (photo, view) pairs, plus the validation photos.
[[nodiscard]] FineTuningNeeds needs_of(const RunContext& run, Strategy strategy, std::size_t views);

}  // namespace transfer
}  // namespace graft
