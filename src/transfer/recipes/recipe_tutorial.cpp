// SPDX-License-Identifier: Apache-2.0
// Keras's transfer-learning tutorial: a new head on a frozen base, then the upper part of the base at a lower
// rate.
#include <algorithm>
#include <map>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/layers.hpp"
#include "graft/model.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/training.hpp"

#include "transfer/base/base_model.hpp"
#include "transfer/base/precision.hpp"
#include "transfer/context/epoch_reporter.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/heads/head_state.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/recipes/tutorial_model.hpp"
#include "transfer/state/recipe_run.hpp"
#include "transfer/state/run_state.hpp"

namespace graft::transfer {
namespace {

/// By class, as Keras's fit accepts them; empty: all classes have the same weight.
std::map<int, double> class_weights(const RecipeRun& run) {
  std::map<int, double> weights;
  if (run.options.head.class_weight == ClassWeight::none) return weights;
  const std::vector<int> labels = run.photos.train.labels();
  const auto of_each = class_weights_of(labels, run.photos.class_names.size(), ClassWeight::balanced);
  for (std::size_t k = 0; k < of_each.size(); ++k) weights[static_cast<int>(k)] = of_each[k];
  return weights;
}

/// Counts of one phase, as the tutorial prints them.
Json count(const Model& model, const std::string& phase) {
  const auto trainable = model.trainable_weights();
  return {{"phase", phase},
          {"total_params", model.count_params()},
          {"trainable_params", count_params(trainable)},
          {"trainable_variables", trainable.size()}};
}

/// Sets the rate of each layer, and unfreezes group by group, as the options specify.
std::vector<CallbackPtr> by_depth(const TrainOptions& options, const Model& model, Optimizer& optimizer) {
  const std::int64_t groups = options.tuning.unfreeze_groups;
  const std::vector<LayerGroup> all =
      layer_groups(model, groups > 1 ? static_cast<std::size_t>(groups) : std::size_t{0});
  const std::vector<double> multipliers = set_layer_rates(optimizer, all, options.tuning.layer_decay);
  if (groups <= 1) return {};
  return {GradualUnfreezing({.groups = all,
                             .epochs_per_group = std::max<std::int64_t>(1, options.fine_tune_epochs / groups),
                             .multipliers = multipliers,
                             .first_epoch = options.epochs})};
}

}  // namespace

void train_tutorial(const RecipeRun& run) {
  TrainResult& result = run.result;
  const TrainOptions& options = run.options;
  Reporter& reporter = run.reporter;
  BaseModel base = make_base(options, result.image_size);
  set_precision(result, base, run.photos, options, reporter);
  const models::FreezeOptions frozen{.names = options.tuning.freeze, .from = options.fine_tune_from};
  // Report unknown layer names before training.
  if (options.fine_tune_epochs > 0) static_cast<void>(models::freeze(base.model, frozen));
  base.model.set_trainable(false);
  const Augment augment = augment_from_names(options.tuning.augment);
  const std::size_t classes = run.photos.class_names.size();
  const bool binary = classes == 2;
  Model& model = result.model;
  model = tutorial_model(base, result.image_size, classes, augment);
  const data::Dataset photos = with_labels(run.photos.train, augment.mixes_labels, binary);
  const data::Dataset validating = with_labels(run.photos.validation, augment.mixes_labels, binary);
  const LossPtr loss = tutorial_loss(augment.mixes_labels, binary);
  (*result.facts)["phases"] = Json::array();
  History history;
  const auto phase = [&](const std::string& name, const OptimizerPtr& optimizer, std::int64_t from,
                         std::int64_t to, const L2SP& l2_sp = {}) {
    model.functional()->attach(nullptr);  // free the plans of the previous phase
    reporter.enter(name);
    const Json counts = count(model, name);
    (*result.facts)["phases"].push_back(counts);
    run.note(cat(name, ": ", with_commas(counts["total_params"]), " parameters, ",
                 with_commas(counts["trainable_params"]), " trainable in ",
                 counts["trainable_variables"].get<std::size_t>(), " variables, ", optimizer->class_name(),
                 " at ", optimizer->learning_rate()));
    if (run.state.is_past(name)) return;
    model.compile({.optimizer = optimizer, .loss = loss, .metrics = {"accuracy"}, .l2_sp = l2_sp});
    std::vector<CallbackPtr> callbacks{report_epochs(reporter, *result.history, name, to)};
    if (name != "head") callbacks = joined(callbacks, by_depth(options, model, *optimizer));
    history += model.fit(photos,
                         {.epochs = to,
                          .initial_epoch = from,
                          .validation_data = validating,
                          .class_weight = augment.mixes_labels ? std::map<int, double>{} : class_weights(run),
                          .augment = augment.batches,
                          .callbacks = joined(std::move(callbacks), run.state.keep(name, *result.history))});
  };
  phase("head", Adam({.learning_rate = kTutorialHeadRate}), 0, options.epochs);
  const std::int64_t last = options.epochs + options.fine_tune_epochs;
  if (!reporter.stopped() && reporter.broke_down().empty() && options.fine_tune_epochs > 0) {
    const models::FreezeReport report = models::freeze(base.model, frozen);
    if (!report.first_trainable.empty())
      run.note(cat("fine-tuning from ", report.first_trainable, ": ", report.frozen.size(),
                   " layers stay frozen"));
    phase("fine-tuning", RMSprop({.learning_rate = kTutorialFineTuneRate}), options.epochs, last,
          {.weights = base.model.weights(), .alpha = options.tuning.l2_sp});
  }
  const std::vector<double> validation = history["val_accuracy"];
  if (!validation.empty()) result.validation_accuracy = validation.back();
  (*result.metadata)["output"] = binary ? "binary_logit" : "logits";
}

}  // namespace graft::transfer
