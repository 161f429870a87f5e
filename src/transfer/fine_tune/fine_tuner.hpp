// SPDX-License-Identifier: Apache-2.0
// Fine-tuning in the default recipe: tried from the solved head on, kept where it is clearly better.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "transfer/fine_tune/fine_tuning.hpp"
#include "transfer/fine_tune/fit_tail.hpp"
#include "transfer/fine_tune/frozen_photos.hpp"
#include "transfer/fine_tune/plan_by_clock.hpp"
#include "transfer/state/run_context.hpp"

namespace graft {
inline namespace transfer {

/// What fine-tuning came to.
struct FineTuningOutcome {
  std::optional<ClassifierGraph> kept{};  ///< the classifier that was kept; unset: none beat the head
  Tensor validation{};                    ///< its logits of the validation photos
  std::optional<FineTuned> facts{};       ///< of the one kept, else of the last one tried; unset: none
  std::vector<FineTuned> tried{};         ///< all, in the order of trying
  std::vector<EpochRow> history{};        ///< the rows so far, and those of all fits
};

/// What fine-tuning starts from.
struct TuningStart {
  LinearHead head;        ///< on the base's output
  bool all_views = true;  ///< it was solved on all views of the photos
  double loss = 0;        ///< TailGoal::judge() of its answers for the validation photos
};

/// The part of a budget that is for one network.
struct BudgetShare {
  double share = 1;          ///< of the time that is left before the end of training
  std::size_t networks = 1;  ///< that the test photos go through at the end
};

/// The note of a run that was given a budget.
[[nodiscard]] std::string budget_note(double seconds);

/// Tries strategies one after the other, each from the pretrained weights and the head on the base's output,
/// and keeps the best by the validation photos: it must tell them clearly better apart than the head, and
/// than what was tried before it and trains less.
class FineTuner {
 public:
  /// run, base and goal must outlive it. history: the rows so far.
  FineTuner(const RunContext& run, const BaseModel& base, TuningStart start, std::vector<EpochRow> history,
            const TailGoal& goal = one_class_goal());
  /// photos: at the plan's frontier.
  void try_plan(FineTuningPlan plan, FrozenPhotos& photos);
  /// Within the budget; a part of it is left for the end of training.
  void try_in_time(std::span<const Strategy> strategies, const TrainingPhotos& teaching,
                   const BudgetShare& budget);
  /// The best of what was tried; where none was better than the head, the base is as it was.
  [[nodiscard]] FineTuningOutcome outcome();

 private:
  [[nodiscard]] FineTuningNeeds needs(Strategy strategy) const;
  [[nodiscard]] double seconds_for_the_end(std::size_t networks) const;
  void try_one(FineTuningPlan plan, const TailData& data);
  void try_until(double end, Strategy strategy, const TrainingPhotos& teaching);

  const RunContext& run_;
  const BaseModel& base_;
  TuningStart start_;
  const TailGoal& goal_;
  AutomaticRecipe recipe_;
  FineTuningPlanner planner_;
  double least_;                   ///< TailGoal::judge() of the validation photos: the head's, or of kept_
  std::unique_ptr<TailFit> kept_;  ///< whose they are; null: the head's
  FineTuned kept_facts_;           ///< of kept_
  Tensor kept_validation_;         ///< of kept_: logits of the validation photos
  std::vector<FineTuned> tried_;
  std::vector<EpochRow> history_;
};

}  // namespace transfer
}  // namespace graft
