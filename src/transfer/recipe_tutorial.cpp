// SPDX-License-Identifier: Apache-2.0
// Keras's transfer-learning tutorial: a new head on a frozen base, then the upper part of the base at a lower
// rate.
#include "graft/base/error.hpp"
#include "graft/base/text.hpp"
#include "graft/layers/layers.hpp"
#include "graft/models/functional_model.hpp"

#include "transfer/base_model.hpp"
#include "transfer/precision.hpp"
#include "transfer/run_state.hpp"
#include "transfer/session.hpp"

namespace graft::transfer {
namespace {

constexpr double kHeadRate = 1e-4, kFineTuneRate = 1e-5, kDropout = 0.2, kRotation = 0.2;

Model build(const BaseModel& base, Size2D size, std::size_t classes) {
  const SymbolicTensor input = Input({size.height, size.width, 3}, "image");
  SymbolicTensor x = layers::RandomFlip({.mode = Flip::horizontal})(input);
  x = layers::RandomRotation({.factor = kRotation})(x);
  x = applications::add_preprocessing(x, base.preprocessing);
  x = base.model(x, {.training = false});
  x = layers::GlobalAveragePooling2D()(x);
  x = layers::Dropout({.rate = kDropout})(x);
  const std::int64_t units = classes == 2 ? 1 : static_cast<std::int64_t>(classes);
  return {input, layers::Dense({.units = units, .name = "predictions"})(x),
          std::string(base.application->name) + "_tutorial"};
}

/// Counts of one phase, as the tutorial prints them.
Json count(const Model& model, const std::string& phase) {
  const auto trainable = model.trainable_weights();
  return {{"phase", phase},
          {"total_params", model.count_params()},
          {"trainable_params", count_params(trainable)},
          {"trainable_variables", trainable.size()}};
}

}  // namespace

void train_tutorial(const RecipeRun& run) {
  TrainResult& result = run.result;
  const TrainOptions& options = run.options;
  Reporter& reporter = run.reporter;
  const auto note = [&](const std::string& line) {
    result.notes.push_back(line);
    reporter.say(line);
  };
  BaseModel base = make_base(options, result.image_size);
  set_precision(result, base, run.photos, options, reporter);
  const std::size_t classes = run.photos.class_names.size();
  const bool binary = classes == 2;
  Model& model = result.model;
  model = build(base, result.image_size, classes);
  const LossPtr loss = binary ? BinaryCrossentropy({.from_logits = true})
                              : SparseCategoricalCrossentropy({.from_logits = true});
  result.facts["phases"] = Json::array();
  History history;
  const auto phase = [&](const std::string& name, const OptimizerPtr& optimizer, std::int64_t from,
                         std::int64_t to) {
    reporter.enter(name);
    const Json counts = count(model, name);
    result.facts["phases"].push_back(counts);
    note(cat(name, ": ", with_commas(counts["total_params"]), " parameters, ",
             with_commas(counts["trainable_params"]), " trainable in ",
             counts["trainable_variables"].get<std::size_t>(), " variables, ", optimizer->class_name(),
             " at ", optimizer->learning_rate()));
    if (run.state.is_past(name)) return;
    model.compile({.optimizer = optimizer, .loss = loss, .metrics = {"accuracy"}});
    history +=
        model.fit(run.photos.train, {.epochs = to,
                                     .initial_epoch = from,
                                     .validation_data = run.photos.validation,
                                     .callbacks = joined({report_epochs(reporter, result.history, name, to)},
                                                         run.state.keep(name, result.history))});
  };
  phase("head", Adam({.learning_rate = kHeadRate}), 0, options.epochs);
  const std::int64_t last = options.epochs + options.fine_tune_epochs;
  if (!reporter.stopped() && reporter.broke_down().empty() && options.fine_tune_epochs > 0) {
    base.model.set_trainable(true);
    const auto all = base.model.layers();
    if (options.fine_tune_from < 0 || options.fine_tune_from >= static_cast<std::int64_t>(all.size())) {
      fail(ErrorKind::invalid_argument, "--fine-tune-from: expected 0 to ", all.size() - 1,
           ", the base's layers, received ", options.fine_tune_from);
    }
    for (Layer& layer : all.first(static_cast<std::size_t>(options.fine_tune_from)))
      layer.set_trainable(false);
    phase("fine-tuning", RMSprop({.learning_rate = kFineTuneRate}), options.epochs, last);
  }
  const std::vector<double> validation = history["val_accuracy"];
  if (!validation.empty()) result.validation_accuracy = validation.back();
  result.metadata["output"] = binary ? "binary_logit" : "logits";
}

}  // namespace graft::transfer
