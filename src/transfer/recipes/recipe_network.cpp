// SPDX-License-Identifier: Apache-2.0
// A whole network by gradient: a new one from scratch, or one that continues.
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/training.hpp"

#include "transfer/context/epoch_reporter.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/state/recipe_run.hpp"
#include "transfer/state/run_state.hpp"

namespace graft::transfer {
namespace {

constexpr double kRate = 1e-3;          // Adam's own, as in Keras
constexpr double kTutorialRate = 1e-5;  // of the tutorial's second phase
constexpr std::int64_t kPatience = 10;  // epochs without a better one that are borne

/// How a model of this kind of output is taught.
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

data::Dataset with_labels(const data::Dataset& photos, const Teaching& teaching) {
  data::DatasetOptions options = photos.options();
  options.label_mode = teaching.labels;
  return photos.with_options(options);
}

}  // namespace

void train_network(const RecipeRun& run) {
  TrainResult& result = run.result;
  const TrainOptions& options = run.options;
  Model& model = result.model;
  const std::int64_t trainable = count_params(model.trainable_weights());
  if (trainable == 0) {
    fail(ErrorKind::invalid_argument, "model '", model.name(),
         "': nothing in it is trainable; unfreeze layers, or train only its head: recipe head");
  }
  const classify::OutputKind kind = classify::output_kind(model, result.metadata);
  const Teaching teaching = teaching_for(kind, model.output_shape()[1]);
  const double rate = options.rounds.learning_rate > 0     ? options.rounds.learning_rate
                      : options.recipe == Recipe::tutorial ? kTutorialRate
                                                           : kRate;
  run.note(cat("training ", with_commas(trainable), " of ", with_commas(model.count_params()),
               " parameters, Adam at ", rate, ", at most ", options.epochs, " epochs"));
  run.reporter.enter("training");
  model.compile({.optimizer = Adam({.learning_rate = rate}), .loss = teaching.loss, .metrics = {"accuracy"}});
  const data::Dataset validation = with_labels(run.photos.validation, teaching);
  const History history = model.fit(
      with_labels(run.photos.train, teaching),
      {.epochs = options.epochs,
       .validation_data = validation,
       .callbacks = joined({EarlyStopping({.patience = kPatience, .restore_best_weights = true}),
                            report_epochs(run.reporter, *result.history, "training", options.epochs)},
                           run.state.keep("training", *result.history))});
  const EvaluateResult best = model.evaluate(validation);
  result.validation_accuracy = best.accuracy;
  (*result.facts)["network"] = {{"parameters", model.count_params()},
                                {"trainable_parameters", trainable},
                                {"learning_rate", rate},
                                {"epochs", history.epochs().size()},
                                {"validation_loss", best.loss},
                                {"validation_accuracy", best.accuracy}};
  static constexpr const char* kWords[]{"softmax", "logits", "sigmoid", "binary_logit"};
  (*result.metadata)["output"] = kWords[static_cast<std::size_t>(kind)];
}

}  // namespace graft::transfer
