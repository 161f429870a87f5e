// SPDX-License-Identifier: Apache-2.0
#include "graft/train.hpp"

#include <utility>

#include "graft/applications.hpp"
#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/name_scope.hpp"

#include "transfer/base/base_weights.hpp"
#include "transfer/choose/choose_network.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/context/stopwatch.hpp"
#include "transfer/list/photo_lists.hpp"
#include "transfer/load/photo_pool.hpp"
#include "transfer/measure/objective.hpp"
#include "transfer/numbers/train_numbers.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/recipes/repeat.hpp"
#include "transfer/recipes/tutorial_model.hpp"
#include "transfer/rounds/round_model.hpp"
#include "transfer/run/check_options.hpp"
#include "transfer/run/orchestrate.hpp"
#include "transfer/run/train_round.hpp"
#include "transfer/several/train_several.hpp"
#include "transfer/split/split.hpp"
#include "transfer/state/compare_ranks.hpp"

namespace graft::transfer {
namespace {

/// Trains on a pretrained network by the recipe that the options name.
Trained train_recipe(const RunContext& run) {
  const Recipe& recipe = run.options.recipe;
  const auto* classical = std::get_if<ClassicalHeadRecipe>(&recipe);
  const auto* tutorial = std::get_if<TutorialRecipe>(&recipe);
  Trained trained = classical != nullptr  ? train_classical_head(run, *classical)
                    : tutorial != nullptr ? train_tutorial(run, *tutorial)
                                          : train_automatic(run);
  if (trained.architecture.empty()) trained.architecture = run.options.model;
  return trained;
}

}  // namespace

TrainResult train(const std::filesystem::path& photos_folder, const TrainOptions& given) {
  check_options(given);
  if (given.ranks && given.disk_cache.use) {
    TrainOptions without_cache = given;  // what one rank finds there, another may not
    without_cache.disk_cache.use = false;
    return train(photos_folder, without_cache);
  }
  const layers::NameScope names;  // the result does not depend on what the program built before
  if (continues_model(given)) return train_round(photos_folder, given);
  if (given.pixels) {
    fail_option(ErrorKind::invalid_argument, "pixels", "pixels: ", given.model,
                " knows how its pixels are scaled; expected a network file");
  }
  const Stopwatch clock;
  const ExecutionScope scope({.threads = given.threads, .seed = given.seed});
  Reporter reporter(given);
  reporter.enter("photos");
  check_networks(given);
  const PhotoLists lists = list_parts(photos_folder, given);
  compare_ranks(
      given, {{"the list of photos", hash_of_list(lists.train)},
              {"the list of validation photos", lists.validation ? hash_of_list(*lists.validation) : "none"},
              {"the list of test photos", lists.test ? hash_of_list(*lists.test) : "none"}});
  if (!lists.train.label_sets.empty()) {
    TrainResult several = train_several(lists, photos_folder, given, reporter);
    several.seconds = clock.seconds();
    return several;
  }
  if (!lists.train.targets.empty()) {
    TrainResult numbers = train_numbers(lists, photos_folder, given, reporter);
    numbers.seconds = clock.seconds();
    return numbers;
  }
  check_objective(given, lists.train.class_names);
  ChosenNetwork network = with_network(given, lists, reporter);
  const TrainOptions& options = network.options;
  reporter.enter("photos");
  const Size2D image_size = size_with_weights(lists.train, options, reporter);
  if (const auto* tutorial = std::get_if<TutorialRecipe>(&options.recipe))
    check_layer_names(options, *tutorial, image_size);
  const PhotoPool pool = load_pool(lists, options, image_size, reporter);
  const RepeatedParts parts{
      .split =
          [&](const TrainOptions& of_run) {
            return split_pool(pool, of_run, is_recipe<TutorialRecipe>(of_run));
          },
      .folds = [&] { return fold_pool(pool, options); },
      .of_fold = [&](const TrainOptions& of_run,
                     const std::vector<std::size_t>& fold) { return parts_of_fold(pool, of_run, fold); }};
  const Photos photos = parts.split(options);
  const auto run_once = [&](const Photos& divided, const TrainOptions& settings, Reporter& reports) {
    return run_stages(divided, settings, {photos_folder, image_size}, reports, {.train = train_recipe});
  };
  TrainResult result = run_once(photos, options, reporter);
  result.facts.networks = std::move(network.trials);
  result.facts.duplicates = photos.duplicates;
  add_repeated(result, parts, options, run_once);
  result.seconds = clock.seconds();
  return result;
}

}  // namespace graft::transfer
