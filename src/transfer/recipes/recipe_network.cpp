// SPDX-License-Identifier: Apache-2.0
// A whole network by gradient: a new one from scratch, or one that continues.
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/model.hpp"
#include "graft/training.hpp"

#include "transfer/context/epoch_reporter.hpp"
#include "transfer/measure/class_weights.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/state/run_context.hpp"

namespace graft::transfer {
namespace {

constexpr double kRate = 1e-3;          // Adam's own, as in Keras
constexpr std::int64_t kPatience = 10;  // epochs without improvement before stopping

/// Loss and labels for a kind of output.
struct Teaching {
  LossPtr loss;
  data::LabelMode labels = data::LabelMode::integer;
};

Teaching teaching_for(classify::OutputKind kind, std::int64_t outputs) {
  if (outputs == 1) {
    return {BinaryCrossentropy({.from_logits = kind != classify::OutputKind::sigmoid}),
            data::LabelMode::binary};
  }
  if (kind == classify::OutputKind::sigmoid) return {BinaryCrossentropy(), data::LabelMode::categorical};
  return {SparseCategoricalCrossentropy({.from_logits = kind == classify::OutputKind::logits})};
}

data::Dataset labelled_for(const data::Dataset& photos, const Teaching& teaching) {
  data::DatasetOptions options = photos.options();
  options.label_mode = teaching.labels;
  return photos.with_options(options);
}

/// Freezes the layers that the recipe names; without names the model stays as it is.
void freeze_layers(const RunContext& run, const Model& model, const NetworkRecipe& recipe) {
  if (recipe.freeze.empty() && recipe.fine_tune_from.empty()) return;
  const models::FreezeReport report =
      models::freeze(model, {.names = recipe.freeze, .from = recipe.fine_tune_from});
  run.note(cat(report.frozen_layers, " of ", report.layers, " layers are frozen",
               report.first_trainable.empty() ? "" : ", the first that trains is ", report.first_trainable));
}

}  // namespace

Trained train_network(const RunContext& run, Trained start, const NetworkRecipe& recipe) {
  Trained trained = std::move(start);
  Model& model = trained.model;
  freeze_layers(run, model, recipe);
  const std::int64_t trainable = count_params(model.trainable_weights());
  if (trainable == 0) {
    fail(ErrorKind::invalid_argument, "model '", model.name(),
         "': nothing in it is trainable; unfreeze layers, or train only its head: recipe head");
  }
  const classify::OutputKind kind = classify::output_kind(model, trained.metadata);
  const Teaching teaching = teaching_for(kind, model.output_shape()[1]);
  const double rate = recipe.learning_rate > 0 ? recipe.learning_rate : kRate;
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
                           run.checkpoint.keep("training", trained.history))});
  const EvaluateResult best = model.evaluate(validation);
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
