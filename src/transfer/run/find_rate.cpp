// SPDX-License-Identifier: Apache-2.0
#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/model.hpp"
#include "graft/train.hpp"

#include "transfer/choose/choose_network.hpp"
#include "transfer/context/epoch_reporter.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/list/photo_lists.hpp"
#include "transfer/list/photo_size.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/recipes/tutorial_model.hpp"
#include "transfer/split/split.hpp"

namespace graft::transfer {

LearningRateCurve find_rate(const std::filesystem::path& photos_folder, const TrainOptions& given,
                            RatePhase phase, const LearningRateFinderOptions& finder) {
  const auto* tutorial = std::get_if<TutorialRecipe>(&given.recipe);
  if (tutorial == nullptr)
    fail_option(ErrorKind::invalid_argument, "recipe", "recipe: expected TutorialRecipe");
  const TutorialRecipe& recipe = *tutorial;
  const ExecutionScope scope({.threads = given.threads, .seed = given.seed});
  Reporter reporter(given);
  const Size2D size = tutorial_size(given);
  check_weights(given);
  const PhotoLists lists = list_parts(photos_folder, given);
  const TrainOptions options = with_network(given, lists, reporter).options;
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
  LearningRateFinderOptions reported = finder;
  reported.progress = [&](std::int64_t step) {
    return reporter.update("learning rates", static_cast<std::size_t>(step),
                           static_cast<std::size_t>(finder.steps), "steps");
  };
  return find_learning_rate(model, training, reported);
}

}  // namespace graft::transfer
