// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/train.hpp"

#include "transfer/advise/depth_scores.hpp"
#include "transfer/base/base_weights.hpp"
#include "transfer/base/classifier_graph.hpp"
#include "transfer/base/operations.hpp"
#include "transfer/base/precision.hpp"
#include "transfer/choose/choose_network.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/fine_tune/plan_by_clock.hpp"
#include "transfer/fine_tune/recommend.hpp"
#include "transfer/list/photo_lists.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/split/split.hpp"
#include "transfer/state/run_context.hpp"
#include "transfer/state/run_state.hpp"

namespace graft::transfer {
namespace {

constexpr std::array kStrategies = {Strategy::freeze_base, Strategy::freeze_part, Strategy::train_everything};
/// Limits of a trial: photos to train on, photos to score on (a third of all), multiplications and additions.
constexpr std::size_t kTaught = 600, kJudged = 300;
constexpr double kJudgedShare = 1.0 / 3;
constexpr double kTrialOperations = 1.5e12;

/// Photos to train on and to score on, both from the training part.
struct Halves {
  PhotoPart taught, judged;
};

Halves divide_for_trials(const Photos& photos, std::uint64_t seed) {
  const std::vector<PhotoPart> parts =
      divide(whole_part(photos.train, photos.train_groups), std::array{1 - kJudgedShare, kJudgedShare}, seed);
  if (parts[0].photos.size() == 0 || parts[1].photos.size() == 0) {
    fail(ErrorKind::invalid_argument, photos.train.size(),
         " training photos are too few to teach with some and judge by others; add photos");
  }
  return {part_of(parts[0], kTaught, seed), part_of(parts[1], kJudged, seed)};
}

TrainOptions trial_options(TrainOptions options) {
  if (!is_recipe<AutomaticRecipe>(options)) options.recipe = AutomaticRecipe{};
  options.checkpoint.clear();
  options.early_model.clear();
  options.resume = false;
  return options;
}

void describe(Advice& advice, const RunContext& run) {
  advice.model = run.options.model;
  advice.image_size = run.image_size;
  advice.class_names = run.photos.class_names;
  advice.photos = run.photos.train.size() + run.photos.validation.size();
}

/// What train() would run of each strategy that trains, with all training photos.
class PlansInFull {
 public:
  PlansInFull(const RunContext& run, const BaseModel& base) : run_(run), base_(base), planner_(run, base) {}

  /// Where there is neither work nor time enough, one epoch from the latest frontier.
  [[nodiscard]] FineTuningPlan plan(Strategy strategy, bool mirror) {
    const FineTuningNeeds needs = needs_of(run_, strategy, (mirror ? 2 : 1) * run_.photos.train.size());
    std::string ignored;
    if (const auto plan = planner_.plan(needs, seconds(), ignored)) return *plan;
    return plan_at(base_.model, frontiers_for(base_.model, strategy).back(), needs);
  }

 private:
  /// Of the budget what is left once all photos went through the network.
  [[nodiscard]] std::optional<double> seconds() {
    if (!automatic_options(run_.options).budget) return std::nullopt;
    if (a_photo_ == 0)
      a_photo_ =
          seconds_per_photo(build_features(base_, run_.image_size, head_depths(base_.model), std::nullopt));
    const Photos& photos = run_.photos;
    const std::size_t views = 2 * photos.train.size() + photos.validation.size() + photos.test.size();
    return *automatic_options(run_.options).budget - a_photo_ * static_cast<double>(views);
  }

  const RunContext& run_;
  const BaseModel& base_;
  FineTuningPlanner planner_;
  double a_photo_ = 0;
};

TrialGround ground_for_trials(const RunContext& run) {
  const std::uint64_t seed = run.options.seed;
  Halves halves = divide_for_trials(run.photos, seed);
  return {.run = run,
          .teaching = {.train = std::move(halves.taught),
                       .validation = part_of(whole_part(run.photos.validation, {}), kJudged, seed).photos},
          .judged = halves.judged.photos,
          .operations = kTrialOperations,
          .seconds = std::nullopt};
}

std::vector<TrialResult> run_trials(TrialGround& ground, PlansInFull& plans, bool mirror) {
  Reporter& reporter = ground.run.reporter;
  std::vector<TrialResult> trials;
  for (const Strategy strategy : kStrategies) {
    reporter.say(cat("trial: ", to_string(strategy)));
    if (strategy == Strategy::freeze_base) {
      trials.push_back(try_strategy(ground, strategy));
      continue;
    }
    const FineTuningPlan in_full = plans.plan(strategy, mirror);
    if (const auto left = reporter.seconds_left())
      ground.seconds = *left / static_cast<double>(kStrategies.size() - trials.size());
    trials.push_back(try_strategy(ground, strategy, in_full.frontier));
  }
  return trials;
}

/// By the speed of one batch. On the screen only: another run may say something else.
void say_how_long(const TrialGround& ground, const BaseModel& base, bool exhaustive) {
  const RunContext& run = ground.run;
  if (!run.options.progress || automatic_options(run.options).budget) return;
  const Model features = build_features(base, run.image_size, {base.model.outputs().front()}, std::nullopt);
  const double a_photo = seconds_per_photo(features);
  const double a_second = kWithReading * operations_of(features) / a_photo;
  const std::size_t views =
      2 * ground.teaching.train.photos.size() + ground.teaching.validation.size() + ground.judged.size();
  constexpr double kThatTrain = 2;  // of the strategies
  double seconds =
      static_cast<double>(kStrategies.size() * views) * a_photo + kThatTrain * kTrialOperations / a_second;
  std::string line = cat("trials: up to about ", std::lround(std::ceil(seconds)), " s");
  if (exhaustive) {
    const Photos& photos = run.photos;
    const std::size_t all = 2 * photos.train.size() + photos.validation.size() + photos.test.size();
    seconds = static_cast<double>(kStrategies.size() * all) * a_photo +
              kThatTrain * kFineTuningOperations / a_second;
    line += cat(", then the strategies in full: up to about ", std::lround(std::ceil(seconds)), " s");
  }
  run.reporter.say(line);
}

void run_in_full(Advice& advice, const RunContext& run) {
  const TrialGround ground{.run = run,
                           .teaching = {.train = whole_part(run.photos.train, run.photos.train_groups),
                                        .validation = run.photos.validation},
                           .judged = run.photos.test,
                           .operations = kFineTuningOperations,
                           .seconds = automatic_options(run.options).budget,
                           .in_full = true};
  for (const Strategy strategy : kStrategies) {
    run.reporter.say(cat("in full: ", to_string(strategy)));
    advice.outcomes.push_back(try_strategy(ground, strategy).trial);
  }
  advice.best = best_of(advice.outcomes);
}

}  // namespace

Advice advise(const std::filesystem::path& folder, const AdviceOptions& given) {
  TrainOptions asked = trial_options(given.training);
  asked.single = true;
  const ExecutionScope scope({.threads = asked.threads, .seed = asked.seed});
  Reporter reporter(asked);
  check_networks(asked);
  const PhotoLists lists = list_parts(folder, asked);
  expect_one_label(lists.train, "advise");
  ChosenNetwork network = with_network(asked, lists, reporter);
  const TrainOptions& options = network.options;
  const Size2D size = size_with_weights(lists.train, options, reporter);
  const Photos photos = split_pool(load_pool(lists, options, size, reporter), options, false);
  RunState checkpoint(options, {folder, size}, photos, reporter);  // keeps nothing: there is no file
  const RunContext run{.photos = photos,
                       .options = options,
                       .image_size = size,
                       .reporter = reporter,
                       .checkpoint = checkpoint};
  const BaseModel base = make_base(options, size);
  const PrecisionChoice precision = choose_precision(base, size, photos, options);
  if (!precision.note.empty()) run.note(precision.note);
  const ExecutionScope in_precision({.dtype_policy = precision.policy});
  Advice advice;
  advice.networks = std::move(network.trials);
  describe(advice, run);
  TrialGround ground = ground_for_trials(run);
  say_how_long(ground, base, given.exhaustive);
  score_depths(advice, ground, base);
  PlansInFull plans(run, base);
  recommend(advice, run_trials(ground, plans, advice.mirror));
  if (advice.recommended != Strategy::freeze_base) {
    const FineTuningPlan plan = plans.plan(advice.recommended, advice.mirror);
    advice.first_layer = plan.frontier.first_layer;
    advice.learning_rate = plan.learning_rate;
    advice.epochs = plan.epochs;
  }
  if (given.exhaustive) run_in_full(advice, run);
  advice.stopped = reporter.stopped();
  return advice;
}

}  // namespace graft::transfer
