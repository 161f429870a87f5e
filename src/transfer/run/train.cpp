// SPDX-License-Identifier: Apache-2.0
#include "graft/train.hpp"

#include "graft/applications.hpp"
#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"
#include "graft/models/functional_model.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/context/stopwatch.hpp"
#include "transfer/list/photo_lists.hpp"
#include "transfer/list/photo_size.hpp"
#include "transfer/load/photo_pool.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/run/orchestrate.hpp"
#include "transfer/run/repeat.hpp"
#include "transfer/run/train_round.hpp"
#include "transfer/split/split.hpp"
#include "transfer/state/recipe_run.hpp"

namespace graft::transfer {

namespace {

/// Calibrates the trained model and notes the result.
void calibrate_result(const RecipeRun& run) {
  TrainResult& result = run.result;
  if (run.photos.validation.size() == 0) return run.note("not calibrated: there are no validation photos");
  run.reporter.enter("calibration");
  const classify::Calibration found = classify::calibrate(result.model, run.photos.validation,
                                                          result.metadata->at("output").get<std::string>());
  (*result.facts)["calibration"] = {{"temperature", found.temperature}, {"photos", found.photos},
                                    {"ece_before", found.ece_before},   {"ece_after", found.ece_after},
                                    {"loss_before", found.loss_before}, {"loss_after", found.loss_after}};
  run.note(cat("calibrated on ", found.photos, " validation photos: temperature ", found.temperature,
               ", expected calibration error ", percent(found.ece_before), " -> ", percent(found.ece_after)));
}

/// What the clock decided cannot be repeated bit by bit.
void check_budget(const TrainOptions& options) {
  if (!options.budget) return;
  if (options.recipe != Recipe::automatic || !options.head.kinds.empty() || !options.rounds.from.empty() ||
      is_network_file(options)) {
    fail_option(
        ErrorKind::invalid_argument, "budget",
        "budget: expected the recipe auto on a pretrained network, without a classical head and without an "
        "earlier "
        "round; leave the budget or those out");
  }
  if (options.resume) {
    fail_option(
        ErrorKind::invalid_argument, "resume",
        "resume: not possible with a budget: what the clock decided cannot be repeated bit by bit; leave the "
        "budget out, or start again");
  }
  if (!(*options.budget > 0))
    fail_option(ErrorKind::invalid_argument, "budget", "budget: expected more than 0 seconds, received ",
                *options.budget);
}

void check(const TrainOptions& options) {
  check_class_weight(options);
  if (options.precision != "auto" && dtype_policy_from_name(options.precision) == DTypePolicy::int8) {
    fail_option(
        ErrorKind::invalid_argument, "precision",
        "precision: int8 is for finished models; train in float32 or mixed_bfloat16, then graft quantize");
  }
  if (options.evaluation.folds == 1 || options.evaluation.seeds < 1) {
    fail(ErrorKind::invalid_argument, "folds and seeds: expected at least 2 folds and 1 seed, received ",
         options.evaluation.folds, " and ", options.evaluation.seeds);
  }
}

/// Only heads on a frozen network are trained with further views.
void check_views(const TrainOptions& options) {
  if (options.views < 1 || options.views > classify::kMostViews)
    fail_option(ErrorKind::invalid_argument, "views", "views: expected 1 to ", classify::kMostViews,
                ", received ", options.views);
  const bool solves_a_head = options.recipe == Recipe::automatic || options.recipe == Recipe::head;
  if (options.views == TrainOptions{}.views || (solves_a_head && options.head.kinds.empty())) return;
  fail_option(
      ErrorKind::invalid_argument, "views",
      "views: expected the recipe auto or head, whose features are cached; leave it out, or use augmentation "
      "with the tutorial");
}

/// Later rounds and user-defined networks choose their own parts and head.
void check_round(const TrainOptions& options) {
  const EvaluationOptions& evaluation = options.evaluation;
  if (options.head.kinds.empty() && options.head.class_weight == ClassWeight::none &&
      evaluation.group_by.empty() && evaluation.folds == 0 && evaluation.seeds == 1 &&
      evaluation.duplicates != Duplicates::drop) {
    return;
  }
  fail(
      ErrorKind::invalid_argument,
      "head, class_weight, group_by, folds, seeds and duplicates drop: not possible with an earlier round or "
      "your own network");
}

/// Trains by the recipe that the options name.
void train_recipe(const RecipeRun& run) {
  if (!run.options.head.kinds.empty()) {
    train_classical_head(run);
  } else if (run.options.recipe == Recipe::tutorial) {
    train_tutorial(run);
  } else {
    train_automatic(run);
  }
  TrainResult& result = run.result;
  (*result.metadata)["architecture"] = applications::find_application(run.options.model).name;
  result.model.functional()->attach(nullptr);  // training is over: its plans and their memory can go
  if (run.options.tuning.calibrate) calibrate_result(run);
}

}  // namespace

TrainResult train(const std::filesystem::path& photos_folder, const TrainOptions& options) {
  check_budget(options);
  check_views(options);
  if (!options.rounds.from.empty() || is_network_file(options)) {
    check_round(options);
    return train_round(photos_folder, options);
  }
  if (options.pixels) {
    fail_option(ErrorKind::invalid_argument, "pixels", "pixels: ", options.model,
                " knows how its pixels are scaled; expected a network file");
  }
  const Stopwatch clock;
  check(options);
  const ExecutionScope scope({.threads = options.threads, .seed = options.seed});
  Reporter reporter(options);
  reporter.enter("photos");
  const PhotoLists lists = list_parts(photos_folder, options);
  const Size2D image_size = image_size_for(lists.train, options);
  const bool keras_split = options.head.kinds.empty() && options.recipe == Recipe::tutorial;
  const PhotoPool pool = load_pool(lists, options, image_size, reporter);
  const Photos photos = split_pool(pool, options, keras_split);
  const auto run_once = [&](const Photos& parts, const TrainOptions& settings, Reporter& reports) {
    return run_stages(parts, settings, {photos_folder, image_size}, reports,
                      {.prepare = {}, .train = train_recipe, .compare = {}});
  };
  TrainResult result = run_once(photos, options, reporter);
  if (!photos.duplicates.is_null()) (*result.facts)["duplicates"] = photos.duplicates;
  repeat_runs(result, pool, options, run_once);
  result.seconds = clock.seconds();
  return result;
}

}  // namespace graft::transfer
