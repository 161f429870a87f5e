// SPDX-License-Identifier: Apache-2.0
#include "graft/transfer/advise.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "graft/applications/catalogue.hpp"
#include "graft/base/error.hpp"
#include "graft/base/text.hpp"

#include "transfer/advise/depth_scores.hpp"
#include "transfer/advise/recommend.hpp"
#include "transfer/photo_size.hpp"
#include "transfer/precision.hpp"
#include "transfer/run_state.hpp"

namespace graft::transfer {
namespace {

constexpr std::array kStrategies = {Strategy::freeze_base, Strategy::freeze_part, Strategy::train_everything};
/// A trial is short: so many photos, a third of them to judge by, and so many multiplications and additions.
constexpr std::size_t kTaught = 600, kJudged = 300;
constexpr double kJudgedShare = 1.0 / 3;
constexpr double kTrialOperations = 1.5e12, kFullOperations = 1.2e13;
constexpr double kManyPerClass = 200;

/// Photos to teach and to judge by, both from the training part.
struct Halves {
  data::Dataset taught, judged;
};

Halves divide(const data::Dataset& photos, std::uint64_t seed) {
  const std::vector<double> fractions{1 - kJudgedShare, kJudgedShare};
  data::DatasetOptions options = photos.options();
  options.shuffle = false;
  const auto parts = data::stratified_split(photos.labels(), fractions, seed);
  if (parts[0].empty() || parts[1].empty()) {
    fail(ErrorKind::invalid_argument, photos.size(),
         " training photos are too few to teach with some and judge by others; add photos");
  }
  return {part_of(photos.subset(parts[0], options), kTaught, seed),
          part_of(photos.subset(parts[1], options), kJudged, seed)};
}

/// Everything that a trial writes to and that nobody wants afterwards.
class Scratch {
 public:
  Scratch(const std::filesystem::path& folder, const TrainOptions& options, Reporter& reporter)
      : result_{.image_size = image_size_for(folder, options)},
        photos_(load_parts(folder, options, result_.image_size, false, reporter)),
        state_(options, folder, photos_, result_.image_size, reporter),
        run_{
            .result = result_, .photos = photos_, .options = options, .reporter = reporter, .state = state_} {
    result_.facts = Json::object();
    result_.history = Json::array();
  }
  [[nodiscard]] const RecipeRun& run() const { return run_; }

 private:
  TrainResult result_;
  Photos photos_;
  RunState state_;
  RecipeRun run_;
};

TrainOptions trial_options(TrainOptions options) {
  options.recipe = Recipe::automatic;
  options.checkpoint.clear();
  options.resume = false;
  return options;
}

void describe(Advice& advice, const RecipeRun& run) {
  advice.model = run.options.model;
  advice.image_size = run.result.image_size;
  advice.class_names = run.photos.class_names;
  advice.photos = run.photos.train.size() + run.photos.validation.size();
  advice.photos_per_class =
      static_cast<double>(advice.photos) / static_cast<double>(advice.class_names.size());
  advice.many = advice.photos_per_class >= kManyPerClass;
}

/// What the recommended strategy takes with all training photos.
void plan_in_full(Advice& advice, const RecipeRun& run, const BaseModel& base) {
  if (advice.recommended == Strategy::freeze_base) return;
  const FineTuningPlan plan = plan_strategy(base, advice.recommended,
                                            {.views = 2 * run.photos.train.size(),
                                             .operations = kFullOperations,
                                             .most_epochs = run.options.epochs});
  advice.first_layer = plan.frontier.first_layer;
  advice.learning_rate = plan.learning_rate;
  advice.epochs = plan.epochs;
}

void run_in_full(Advice& advice, const RecipeRun& run) {
  data::DatasetOptions fixed = run.photos.train.options();
  fixed.shuffle = false;
  const TrialGround ground{.run = run,
                           .options = run.options,
                           .taught = run.photos.train.with_options(fixed),
                           .judged = run.photos.test,
                           .operations = kFullOperations};
  for (const Strategy strategy : kStrategies) {
    run.reporter.say(cat("in full: ", to_string(strategy)));
    advice.outcomes.push_back(try_strategy(ground, strategy).trial);
  }
  advice.best = best_of(advice.outcomes);
}

}  // namespace

std::string_view to_string(Strategy strategy) {
  switch (strategy) {
    case Strategy::freeze_base:
      return "freeze the whole base";
    case Strategy::freeze_part:
      return "freeze part";
    case Strategy::train_everything:
      return "train everything";
  }
  return "";
}

Advice advise(const std::filesystem::path& photos, const AdviceOptions& given) {
  const TrainOptions options = trial_options(given.training);
  set_random_seed(options.seed);
  const PolicyScope policy;
  Reporter reporter(options);
  const Scratch scratch(photos, options, reporter);
  const RecipeRun& run = scratch.run();
  const BaseModel base = make_base(options, run.result.image_size);
  set_precision(run.result, base, run.photos, options, reporter);
  Advice advice;
  describe(advice, run);
  const Halves halves = divide(run.photos.train, options.seed);
  const TrialGround ground{.run = run,
                           .options = options,
                           .taught = halves.taught,
                           .judged = halves.judged,
                           .operations = kTrialOperations};
  score_depths(advice, ground, base);
  std::vector<TrialResult> trials;
  for (const Strategy strategy : kStrategies) {
    reporter.say(cat("trial: ", to_string(strategy)));
    trials.push_back(try_strategy(ground, strategy));
  }
  recommend(advice, std::move(trials));
  plan_in_full(advice, run, base);
  if (given.exhaustive) run_in_full(advice, run);
  advice.stopped = reporter.stopped();
  return advice;
}

}  // namespace graft::transfer
