// SPDX-License-Identifier: Apache-2.0
// Fine-tuning in the default recipe: tried from the solved head on, kept where it is clearly better.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "graft/base/json.hpp"

#include "transfer/fine_tune/fine_tuning.hpp"
#include "transfer/fine_tune/fit_tail.hpp"
#include "transfer/fine_tune/frozen_photos.hpp"
#include "transfer/fine_tune/plan_by_clock.hpp"
#include "transfer/head/depth_heads.hpp"
#include "transfer/state/recipe_run.hpp"

namespace graft::inline transfer {

/// Tries strategies one after the other, each from the pretrained weights and the head on the base's output,
/// and keeps the best by the validation photos: it must tell them clearly better apart than the head, and
/// than what was tried before it and trains less.
class FineTuner {
 public:
  /// All must outlive it.
  FineTuner(const RecipeRun& run, const BaseModel& base, const DepthHeads& heads);
  /// photos: at the plan's frontier.
  void try_plan(FineTuningPlan plan, FrozenPhotos& photos);
  /// Within the budget, which what training ends with has its part of.
  void try_in_time(std::span<const Strategy> strategies, const TrainingPhotos& teaching);
  /// Makes the best the result's model. False: none was better than the head, and the base is as it was.
  [[nodiscard]] bool keep();

 private:
  [[nodiscard]] FineTuningNeeds needs(Strategy strategy) const;
  [[nodiscard]] double seconds_for_the_end() const;
  void try_one(const FineTuningPlan& plan, const TailData& data);
  void try_until(double end, Strategy strategy, const TrainingPhotos& teaching);

  const RecipeRun& run_;
  const BaseModel& base_;
  const DepthHeads& heads_;
  FineTuningPlanner planner_;
  RowScores best_;                 ///< on the validation photos
  std::unique_ptr<TailFit> kept_;  ///< whose they are; null: the head's
  Json facts_;                     ///< of kept_
};

}  // namespace graft::inline transfer
