// SPDX-License-Identifier: Apache-2.0
#include "graft/transfer/train.hpp"

#include <map>

#include "graft/applications/catalogue.hpp"
#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/calibration.hpp"
#include "graft/classify/views.hpp"
#include "graft/models/functional_model.hpp"

#include "transfer/features/photo_pool.hpp"
#include "transfer/features/photo_size.hpp"
#include "transfer/features/precision.hpp"
#include "transfer/recipes/tutorial_model.hpp"
#include "transfer/run/repeat.hpp"
#include "transfer/run/run_state.hpp"
#include "transfer/run/session.hpp"

namespace graft::transfer {

std::string describe(const Photos& photos) {
  std::map<int, std::size_t> count;
  for (const data::Dataset* part : {&photos.train, &photos.validation, &photos.test}) {
    for (const int label : part->labels()) ++count[label];
  }
  std::size_t total = 0;
  std::string each;
  for (std::size_t k = 0; k < photos.class_names.size(); ++k) {
    total += count[static_cast<int>(k)];
    each += cat(k == 0 ? "" : ", ", photos.class_names[k], " ", count[static_cast<int>(k)]);
  }
  return cat(photos.class_names.size(), " classes, ", with_commas(static_cast<std::int64_t>(total)),
             " photos: ", each);
}

namespace {

/// Gives the trained model its temperature, and says what came of it.
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

/// What the clock decided cannot be done again bit by bit.
void check_budget(const TrainOptions& options) {
  if (!options.budget) return;
  if (options.recipe != Recipe::automatic || !options.head.kinds.empty() || !options.rounds.from.empty() ||
      is_network_file(options)) {
    fail(ErrorKind::invalid_argument,
         "--budget goes with the default recipe on a pretrained network alone; leave it out, or --recipe, "
         "--head and --from");
  }
  if (options.resume) {
    fail(ErrorKind::invalid_argument,
         "--resume does not go with --budget: what the clock decided cannot be repeated bit by bit; leave "
         "--budget out, or begin anew");
  }
  if (!(*options.budget > 0))
    fail(ErrorKind::invalid_argument, "--budget: expected more than 0 seconds, received ", *options.budget);
}

void check(const TrainOptions& options) {
  check_class_weight(options);
  if (options.precision != "auto" && dtype_policy_from_name(options.precision) == DTypePolicy::int8) {
    fail(ErrorKind::invalid_argument,
         "precision: int8 is for finished models; train in float32 or mixed_bfloat16, then graft quantize");
  }
  if (options.evaluation.folds == 1 || options.evaluation.seeds < 1) {
    fail(ErrorKind::invalid_argument, "expected 2 folds or more and 1 seed or more, received ",
         options.evaluation.folds, " and ", options.evaluation.seeds);
  }
}

/// Photos in further views are those of heads on a frozen network.
void check_views(const TrainOptions& options) {
  if (options.views < 1 || options.views > classify::kMostViews)
    fail(ErrorKind::invalid_argument, "--views: expected 1 to ", classify::kMostViews, ", received ",
         options.views);
  const bool solves_a_head = options.recipe == Recipe::automatic || options.recipe == Recipe::head;
  if (options.views == TrainOptions{}.views || (solves_a_head && options.head.kinds.empty())) return;
  fail(ErrorKind::invalid_argument,
       "--views goes with the recipes auto and head, whose features are kept; leave it out, or use --augment "
       "with the tutorial");
}

/// Rounds and networks of one's own have their own parts and head.
void check_round(const TrainOptions& options) {
  const EvaluationOptions& honest = options.evaluation;
  if (options.head.kinds.empty() && options.head.class_weight == ClassWeight::none &&
      honest.group_by.empty() && honest.folds == 0 && honest.seeds == 1 &&
      honest.duplicates != Duplicates::drop) {
    return;
  }
  fail(
      ErrorKind::invalid_argument,
      "--head, --class-weight, --group-by, --folds, --seeds and --duplicates drop do not go with --from or a "
      "network of one's own");
}

struct RunPlace {
  const std::filesystem::path& folder;
  Size2D image_size;
};

/// Trains by the recipe and measures on the test photos.
TrainResult run_recipe(const Photos& photos, const TrainOptions& options, const RunPlace& place,
                       Reporter& reporter) {
  ExecutionScope::innermost()->set_seed(options.seed);
  TrainResult result;
  result.image_size = place.image_size;
  result.facts = Json::object();
  result.history = Json::array();
  result.class_names = photos.class_names;
  result.left_out = photos.left_out;
  result.train_photos = photos.train.size();
  result.validation_photos = photos.validation.size();
  result.test_photos = photos.test.size();
  keep_note(result, reporter, describe(photos));
  for (const std::string& line : photos.notes) keep_note(result, reporter, line);
  keep_note(result, reporter, photos.split_note);
  if (!photos.left_out.empty()) reporter.say(cat("  left out: ", photos.left_out.size(), " files"));
  RunState state(options, place.folder, photos, place.image_size, reporter);
  const RecipeRun run{
      .result = result, .photos = photos, .options = options, .reporter = reporter, .state = state};
  if (!options.head.kinds.empty()) {
    train_classical_head(run);
  } else if (options.recipe == Recipe::tutorial) {
    train_tutorial(run);
  } else {
    train_automatic(run);
  }
  (*result.metadata)["architecture"] = applications::find_application(options.model).name;
  result.model.functional()->attach(nullptr);  // training is over: its plans and their memory can go
  if (options.tuning.calibrate) calibrate_result(run);
  finish_training(result, photos, place.folder, options, reporter);
  (*result.facts)["seconds"] = reporter.seconds();
  return result;
}

}  // namespace

TrainResult train(const std::filesystem::path& photos_folder, const TrainOptions& options) {
  check_budget(options);
  check_views(options);
  if (!options.rounds.from.empty() || is_network_file(options)) {
    check_round(options);
    return train_round(photos_folder, options);
  }
  const auto start = std::chrono::steady_clock::now();
  check(options);
  const ExecutionScope scope({.threads = options.threads, .seed = options.seed});
  const Size2D image_size = image_size_for(photos_folder, options);
  Reporter reporter(options);
  reporter.enter("photos");
  const bool keras_split = options.head.kinds.empty() && options.recipe == Recipe::tutorial;
  const PhotoPool pool = load_pool(photos_folder, options, image_size, reporter);
  const Photos photos = split_pool(pool, options, keras_split);
  const auto run_once = [&](const Photos& parts, const TrainOptions& settings, Reporter& reports) {
    return run_recipe(parts, settings, {photos_folder, image_size}, reports);
  };
  TrainResult result = run_once(photos, options, reporter);
  if (!photos.duplicates.is_null()) (*result.facts)["duplicates"] = photos.duplicates;
  repeat_runs(result, pool, options, run_once);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace graft::transfer
