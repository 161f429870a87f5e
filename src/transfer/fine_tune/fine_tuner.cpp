// SPDX-License-Identifier: Apache-2.0
#include "transfer/fine_tune/fine_tuner.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "transfer/base/classifier_graph.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/context/stopwatch.hpp"
#include "transfer/fine_tune/strategies.hpp"
#include "transfer/state/run_context.hpp"

namespace graft::transfer {
namespace {

/// Of the budget, for writing files and what else was not measured.
constexpr double kUnforeseen = 0.03;
/// Fine-tuning is kept where it lowers the validation photos' loss by this share: less is chance.
constexpr double kWorthKeeping = 0.05;

}  // namespace

std::string budget_note(double seconds) {
  return cat("a budget of ", seconds,
             " s: the clock decides how far to fine-tune, so another run may end otherwise");
}

FineTuner::FineTuner(const RunContext& run, const BaseModel& base, TuningStart start,
                     std::vector<EpochRow> history, const TailGoal& goal)
    : run_(run),
      base_(base),
      start_(std::move(start)),
      goal_(goal),
      recipe_(automatic_options(run.options)),
      planner_(run, base),
      least_(start_.loss),
      history_(std::move(history)) {}

FineTuningNeeds FineTuner::needs(Strategy strategy) const {
  const int views = start_.all_views ? recipe_.views : 1;
  return needs_of(run_, strategy, static_cast<std::size_t>(views) * run_.photos.train.size());
}

void FineTuner::try_plan(FineTuningPlan plan, FrozenPhotos& photos) {
  if (!start_.all_views) plan = plan_at(base_.model, plan.frontier, needs(plan.strategy));
  try_one(plan, photos.at_frontier(start_.all_views, goal_));
}

double FineTuner::seconds_for_the_end(std::size_t networks) const {
  const SymbolicTensor output = base_.model.outputs().front();
  const Model whole = build_features(base_, run_.image_size, {output}, std::nullopt);
  return seconds_per_photo(whole) * static_cast<double>(networks * run_.photos.test.size()) +
         kUnforeseen * recipe_.budget.value_or(0);
}

void FineTuner::try_in_time(std::span<const Strategy> strategies, const TrainingPhotos& teaching,
                            const BudgetShare& budget) {
  if (run_.reporter.seconds_left().value_or(0) <= 0) {
    run_.note("no fine-tuning: the budget was over before it could begin");
    return;
  }
  std::vector<Strategy> possible;
  for (const Strategy strategy : strategies) {
    if (fits_into_memory(frontiers_for(base_.model, strategy).back(), needs(strategy)))
      possible.push_back(strategy);
  }
  if (possible.empty()) run_.note("no fine-tuning: its features would need more memory than allowed");
  const double before = run_.reporter.passed();
  const double end =
      before + budget.share * (*recipe_.budget - seconds_for_the_end(budget.networks) - before);
  for (std::size_t i = 0; i < possible.size() && !run_.reporter.stopped(); ++i) {
    const double now = run_.reporter.passed();
    const double share = (end - now) / static_cast<double>(possible.size() - i);
    std::string ignored;
    const auto in_share = planner_.plan(needs(possible[i]), share, ignored);
    const bool enough = in_share && in_share->epochs >= std::min(kFewestEpochs, recipe_.epochs);
    try_until(enough ? now + share : end, possible[i], teaching);
  }
}

void FineTuner::try_until(double end, Strategy strategy, const TrainingPhotos& teaching) {
  std::string why_not;
  const FineTuningNeeds wanted = needs(strategy);
  auto plan = planner_.plan(wanted, end - run_.reporter.passed(), why_not);
  if (!plan) {
    run_.note(cat(to_string(strategy), ": ", why_not));
    return;
  }
  // The tensors at a frontier are large and of no use to another run.
  FrozenPhotos photos(run_, base_, teaching,
                      {.frontier = plan->frontier.tensor,
                       .views = recipe_.views,
                       .stage = "features for fine-tuning",
                       .cache = {.use = false}});
  const TailData data = photos.at_frontier(start_.all_views, goal_);
  planner_.settle(*plan, wanted, end - run_.reporter.passed());
  try_one(*plan, data);
}

void FineTuner::try_one(FineTuningPlan plan, const TailData& data) {
  ClassifierGraph tuned = build_classifier(base_, run_.image_size, run_.photos.class_names.size(),
                                           {base_.model.outputs().front()}, goal_.activation());
  tuned.set_head(start_.head);
  auto tail = std::make_unique<TailFit>(run_, base_, plan.frontier, tuned, goal_);
  const Stopwatch clock;
  const double rate = tail->bounded_rate(plan, data);
  if (plan.seconds) plan.seconds = std::max(0.0, *plan.seconds - clock.seconds());
  const bool lowered = rate < plan.learning_rate;
  plan.learning_rate = rate;
  run_.note(cat(plan.strategy == Strategy::train_everything ? "training everything" : "fine-tuning", " from ",
                plan.frontier.first_layer, " (layer ", plan.frontier.layer_index, " of ",
                base_.model.layers().size(), "), ", plan.epochs, plan.epochs == 1 ? " epoch" : " epochs",
                ", learning rate up to ", plan.learning_rate,
                lowered ? ", lowered so that a step moves the answers by little" : ""));
  TailResult after = tail->fit(plan, data, std::move(history_));
  tail->undo();
  history_ = std::move(after.history);
  after.facts.kept = recipe_.always_fine_tune || after.loss < (1 - kWorthKeeping) * least_;
  tried_.push_back(after.facts);
  if (!after.facts.kept) {
    run_.note(
        cat("fine-tuning not kept: the validation photos have no clearly smaller loss with it than with ",
            kept_ ? "what trains less" : "the head alone"));
    return;
  }
  least_ = after.loss;
  kept_ = std::move(tail);
  kept_facts_ = after.facts;
  kept_validation_ = after.validation;
}

FineTuningOutcome FineTuner::outcome() {
  FineTuningOutcome outcome{.tried = tried_, .history = history_};
  if (!tried_.empty()) outcome.facts = tried_.back();
  if (!kept_) return outcome;
  kept_->redo();
  outcome.facts = kept_facts_;
  outcome.kept = kept_->classifier();
  outcome.validation = kept_validation_;
  run_.note(cat("fine-tuning kept, ", percent(kept_facts_.share), " of the way from the pretrained weights: ",
                recipe_.always_fine_tune ? "as always was wanted, validation "
                                         : "the validation photos have less loss with it, ",
                goal_.accuracy_name(), " ", percent(kept_facts_.validation_accuracy)));
  return outcome;
}

}  // namespace graft::transfer
