// SPDX-License-Identifier: Apache-2.0
// A whole network by gradient: a new one from scratch, or one that continues.
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/model.hpp"
#include "graft/training.hpp"

#include "transfer/context/epoch_reporter.hpp"
#include "transfer/measure/class_weights.hpp"
#include "transfer/recipes/network_training.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/state/run_context.hpp"

namespace graft::transfer {
namespace {

constexpr std::int64_t kPatience = 10;  // epochs without improvement before stopping

}  // namespace

Trained train_network(const RunContext& run, Trained start, const NetworkRecipe& recipe) {
  Trained trained = std::move(start);
  Model& model = trained.model;
  const std::string frozen = freeze_layers(model, recipe);
  if (!frozen.empty()) run.note(frozen);
  const std::int64_t trainable = count_params(model.trainable_weights());
  const classify::OutputKind kind = classify::output_kind(model, trained.metadata);
  const Teaching teaching = teaching_for(kind, model.output_shape()[1]);
  const double rate = recipe.learning_rate > 0 ? recipe.learning_rate : kNetworkRate;
  run.note(cat("training ", with_commas(trainable), " of ", with_commas(model.count_params()),
               " parameters, Adam at ", rate, ", at most ", recipe.epochs,
               recipe.epochs == 1 ? " epoch" : " epochs"));
  run.reporter.enter("training");
  model.compile({.optimizer = Adam({.learning_rate = rate}), .loss = teaching.loss, .metrics = {"accuracy"}});
  const data::Dataset validation = labelled_for(run.photos.validation, teaching);
  const History history = model.fit(
      labelled_for(run.photos.train, teaching),
      {.epochs = recipe.epochs,
       .validation_data = validation,
       .class_weight =
           fit_class_weights(run.photos.train.labels(), run.photos.class_names.size(), recipe.class_weight),
       .cache_bytes = run.options.cache_bytes,
       .callbacks = joined({EarlyStopping({.patience = kPatience, .restore_best_weights = true}),
                            report_epochs(run.reporter, trained.history, "training", recipe.epochs)},
                           run.checkpoint.keep("training", trained.history)),
       .ranks = run.options.ranks,
       .bfloat16_exchange = run.options.bfloat16_exchange});
  const EvaluateResult best = model.evaluate(validation, {.ranks = run.options.ranks});
  trained.validation_accuracy = best.accuracy;
  trained.facts.network = {.parameters = model.count_params(),
                           .trainable_parameters = trainable,
                           .learning_rate = rate,
                           .epochs = history.epochs().size(),
                           .validation_loss = best.loss,
                           .validation_accuracy = best.accuracy};
  static constexpr const char* kWords[]{"softmax", "logits", "sigmoid", "binary_logit"};
  trained.output = kWords[static_cast<std::size_t>(kind)];
  return trained;
}

}  // namespace graft::transfer
