// SPDX-License-Identifier: Apache-2.0
#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/model.hpp"
#include "graft/train.hpp"
#include "graft/transfer/earlier_run.hpp"

#include "transfer/base/base_weights.hpp"
#include "transfer/choose/choose_network.hpp"
#include "transfer/context/epoch_reporter.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/list/photo_lists.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/recipes/network_training.hpp"
#include "transfer/recipes/tutorial_model.hpp"
#include "transfer/rounds/load_round.hpp"
#include "transfer/rounds/round_model.hpp"
#include "transfer/split/split.hpp"

namespace graft::transfer {

namespace {

LearningRateFinderOptions with_progress(LearningRateFinderOptions finder, Reporter& reporter) {
  finder.progress = [&reporter, steps = finder.steps](std::int64_t step) {
    return reporter.update("learning rates", static_cast<std::size_t>(step), static_cast<std::size_t>(steps),
                           "steps");
  };
  return finder;
}

/// As train() would train a network of the user's own.
LearningRateCurve rate_of_network(const std::filesystem::path& photos_folder, const TrainOptions& options,
                                  const NetworkRecipe& recipe, const LearningRateFinderOptions& finder) {
  const ExecutionScope scope({.threads = options.threads, .seed = options.seed});
  Reporter reporter(options);
  StartModel start = open_start(options);
  check_layer_names(start.model, recipe);
  const std::vector<RoundRecord> no_rounds;
  const RoundPhotos photos = load_round(
      {.folder = photos_folder, .options = options, .earlier = no_rounds, .load = start.load, .classes = {}},
      reporter);
  static_cast<void>(fit_classes(start, photos.photos.class_names));
  const std::string frozen = freeze_layers(start.model, recipe);
  if (!frozen.empty()) reporter.note(frozen);
  const classify::OutputKind kind = classify::output_kind(start.model, start.metadata);
  const Teaching teaching = teaching_for(kind, start.model.output_shape()[1]);
  start.model.compile({.optimizer = Adam({.learning_rate = kNetworkRate}), .loss = teaching.loss});
  return find_learning_rate(start.model, labelled_for(photos.photos.train, teaching),
                            with_progress(finder, reporter));
}

}  // namespace

LearningRateCurve find_rate(const std::filesystem::path& photos_folder, const TrainOptions& given,
                            RatePhase phase, const LearningRateFinderOptions& finder) {
  if (const auto* network = std::get_if<NetworkRecipe>(&given.recipe); network && is_network_file(given))
    return rate_of_network(photos_folder, given, *network, finder);
  const auto* tutorial = std::get_if<TutorialRecipe>(&given.recipe);
  if (tutorial == nullptr) {
    fail_option(ErrorKind::invalid_argument, "recipe",
                "recipe: expected TutorialRecipe, or NetworkRecipe for a network of your own");
  }
  const TutorialRecipe& recipe = *tutorial;
  const ExecutionScope scope({.threads = given.threads, .seed = given.seed});
  Reporter reporter(given);
  check_networks(given);
  const PhotoLists lists = list_parts(photos_folder, given);
  expect_one_label(lists.train, "the learning-rate test");
  const TrainOptions options = with_network(given, lists, reporter).options;
  const Size2D size = size_with_weights(lists.train, options, reporter);
  const Photos photos = split_pool(load_pool(lists, options, size, reporter), options, true);
  const BaseModel base = make_base(options, size);
  const models::FreezeOptions frozen{.names = recipe.freeze, .from = recipe.fine_tune_from};
  const bool fine_tunes = phase == RatePhase::fine_tuning;
  if (fine_tunes) static_cast<void>(models::freeze(base.model, frozen));
  Model(base.model).set_trainable(false);
  const Augment augment = augment_from_names(recipe.augment);
  const bool binary = photos.class_names.size() == 2;
  Model model = tutorial_model(base, size, photos.class_names.size(), augment);
  const data::Dataset training = with_labels(photos.train, augment.mixes_labels, binary);
  const LossPtr loss = tutorial_loss(augment.mixes_labels, binary);
  model.compile({.optimizer = Adam({.learning_rate = head_rate(recipe)}), .loss = loss});
  if (fine_tunes) {
    std::vector<EpochRow> rows;
    (void)model.fit(training, {.epochs = recipe.epochs,
                               .augment = augment.batches,
                               .callbacks = {report_epochs(reporter, rows, "head", recipe.epochs)}});
    static_cast<void>(models::freeze(base.model, frozen));
    model.compile({.optimizer = RMSprop({.learning_rate = fine_tune_rate(recipe)}), .loss = loss});
  }
  return find_learning_rate(model, training, with_progress(finder, reporter));
}

}  // namespace graft::transfer
