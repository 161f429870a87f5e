// SPDX-License-Identifier: Apache-2.0
#include "graft/base/execution_scope.hpp"
#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/model.hpp"
#include "graft/train.hpp"

#include "transfer/context/epoch_reporter.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/list/photo_lists.hpp"
#include "transfer/list/photo_size.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/recipes/tutorial_model.hpp"
#include "transfer/split/split.hpp"

namespace graft::transfer {

LearningRateCurve find_rate(const std::filesystem::path& photos_folder, const TrainOptions& options,
                            RatePhase phase, const LearningRateFinderOptions& finder) {
  const ExecutionScope scope({.threads = options.threads, .seed = options.seed});
  Reporter reporter(options);
  const Size2D size = tutorial_size(options);
  const PhotoLists lists = list_parts(photos_folder, options);
  const Photos photos = split_pool(load_pool(lists, options, size, reporter), options, true);
  const BaseModel base = make_base(options, size);
  const models::FreezeOptions frozen{.names = options.tuning.freeze, .from = options.fine_tune_from};
  const bool fine_tunes = phase == RatePhase::fine_tuning;
  if (fine_tunes) static_cast<void>(models::freeze(base.model, frozen));
  Model(base.model).set_trainable(false);
  const Augment augment = augment_from_names(options.tuning.augment);
  const bool binary = photos.class_names.size() == 2;
  Model model = tutorial_model(base, size, photos.class_names.size(), augment);
  const data::Dataset training = with_labels(photos.train, augment.mixes_labels, binary);
  const LossPtr loss = tutorial_loss(augment.mixes_labels, binary);
  model.compile({.optimizer = Adam({.learning_rate = kTutorialHeadRate}), .loss = loss});
  if (fine_tunes) {
    Json rows = Json::array();
    (void)model.fit(training, {.epochs = options.epochs,
                               .augment = augment.batches,
                               .callbacks = {report_epochs(reporter, rows, "head", options.epochs)}});
    static_cast<void>(models::freeze(base.model, frozen));
    model.compile({.optimizer = RMSprop({.learning_rate = kTutorialFineTuneRate}), .loss = loss});
  }
  LearningRateFinderOptions told = finder;
  told.progress = [&](std::int64_t step) {
    return reporter.update("learning rates", static_cast<std::size_t>(step),
                           static_cast<std::size_t>(finder.steps), "steps");
  };
  return find_learning_rate(model, training, told);
}

}  // namespace graft::transfer
