// SPDX-License-Identifier: Apache-2.0
#include "transfer/fine_tune/strategies.hpp"

#include <algorithm>

#include "graft/base/execution_scope.hpp"

#include "transfer/context/recipe_options.hpp"
#include "transfer/context/stopwatch.hpp"
#include "transfer/fine_tune/plan_by_clock.hpp"
#include "transfer/head/depth_heads.hpp"
#include "transfer/measure/comparison.hpp"
#include "transfer/state/run_context.hpp"

namespace graft::transfer {
namespace {

/// As many of the photos as fit into memory at the frontier, twice for the mirrored ones.
TrainingPhotos fitting(const TrialGround& ground, const Frontier& frontier) {
  const auto bytes = static_cast<std::size_t>(frontier.tensor.shape.without_batch().count()) * sizeof(float);
  const TrainOptions& options = ground.run.options;
  const std::size_t all = options.cache_bytes / std::max<std::size_t>(bytes, 1);
  const std::size_t validation = ground.teaching.validation.size();
  const std::size_t room = all > validation ? (all - validation) / 2 : 0;
  TrainingPhotos teaching = ground.teaching;
  teaching.train =
      part_of(teaching.train, std::max(room, ground.run.photos.class_names.size()), options.seed);
  return teaching;
}

/// A strategy on its ground.
class Trial {
 public:
  Trial(const TrialGround& ground, Strategy strategy)
      : ground_(ground),
        run_(ground.run),
        base_(make_base(run_.options, run_.image_size)),
        result_{.trial = {.strategy = strategy, .judged = ground.judged.size()}, .scores = {}} {}

  TrialResult head() {
    const std::vector<SymbolicTensor> depths = head_depths(base_.model);
    FrozenPhotos photos(run_, base_, ground_.teaching,
                        {.depths = depths,
                         .views = automatic_options(run_.options).views,
                         .stage = "trial, photos",
                         .cache = run_.options.disk_cache});
    const DepthHeads heads = solve_heads(photos.at_depths(), run_.reporter);
    ClassifierGraph classifier = build(heads.several ? depths : std::vector{depths.front()});
    classifier.set_head(ground_.in_full ? heads.head_of_all() : heads.head());
    return judged(classifier, ground_.teaching);
  }

  TrialResult tail(const std::optional<Frontier>& given) {
    FineTuningPlanner planner(run_, base_);
    FineTuningNeeds needs = needs_of(run_, result_.trial.strategy, 2 * ground_.teaching.train.photos.size());
    needs.operations = ground_.operations;
    const Frontier frontier = given ? here(*given) : frontier_for(planner, needs);
    const TrainingPhotos teaching = fitting(ground_, frontier);
    const SymbolicTensor output = base_.model.outputs().front();
    // The tensors at a frontier are large and of no use to another run.
    FrozenPhotos photos(run_, base_, teaching,
                        {.depths = {output},
                         .frontier = frontier.tensor,
                         .views = automatic_options(run_.options).views,
                         .stage = "trial, photos",
                         .cache = {.use = false}});
    const DepthHeads heads = solve_heads(photos.at_depths(), run_.reporter);
    ClassifierGraph classifier = build({output});
    classifier.set_head(heads.head());
    const TailData data = photos.at_frontier(heads.views.recommended);
    needs.views = static_cast<std::size_t>(data.train.shape()[0]);
    FineTuningPlan plan = plan_at(base_.model, frontier, needs);
    if (ground_.seconds) planner.settle(plan, needs, *ground_.seconds - clock_.seconds());
    const TailResult tuned = TailFit(run_, base_, frontier, classifier).fit(plan, data, {});
    result_.trial.first_layer = frontier.first_layer;
    result_.trial.learning_rate = plan.learning_rate;
    result_.trial.epochs = static_cast<std::int64_t>(tuned.facts.epochs);
    return judged(classifier, teaching);
  }

 private:
  [[nodiscard]] ClassifierGraph build(const std::vector<SymbolicTensor>& depths) const {
    return build_classifier(base_, run_.image_size, run_.photos.class_names.size(), depths);
  }

  /// A frontier that was found in another copy of the network.
  [[nodiscard]] Frontier here(const Frontier& elsewhere) const {
    const std::vector<Frontier> all = frontiers_for(base_.model, result_.trial.strategy);
    const auto same = std::ranges::find(all, elsewhere.layer_index, &Frontier::layer_index);
    return same != all.end() ? *same : all.back();
  }

  [[nodiscard]] Frontier frontier_for(FineTuningPlanner& planner, const FineTuningNeeds& needs) const {
    std::string ignored;
    const auto plan = planner.plan(needs, ground_.seconds, ignored);
    return plan ? plan->frontier : frontiers_for(base_.model, needs.strategy).back();
  }

  TrialResult judged(ClassifierGraph& classifier, const TrainingPhotos& teaching) {
    result_.scores = scores_of(classifier.model.predict(ground_.judged), ground_.judged.labels());
    const HeadScore mean = result_.scores.mean();
    result_.trial.photos = teaching.train.photos.size();
    result_.trial.accuracy = mean.accuracy;
    result_.trial.loss = mean.loss;
    result_.trial.seconds = clock_.seconds();
    return result_;
  }

  const TrialGround& ground_;
  const RunContext& run_;
  Stopwatch clock_;
  BaseModel base_;
  TrialResult result_;
};

}  // namespace

FineTuningNeeds needs_of(const RunContext& run, Strategy strategy, std::size_t views) {
  return {.strategy = strategy,
          .views = views,
          .validation = run.photos.validation.size(),
          .cache_bytes = run.options.cache_bytes,
          .most_epochs = automatic_options(run.options).epochs};
}

TrialResult try_strategy(const TrialGround& ground, Strategy strategy,
                         const std::optional<Frontier>& frontier) {
  const ExecutionScope scope({.seed = ground.run.options.seed});
  Trial trial(ground, strategy);
  return strategy == Strategy::freeze_base ? trial.head() : trial.tail(frontier);
}

}  // namespace graft::transfer
