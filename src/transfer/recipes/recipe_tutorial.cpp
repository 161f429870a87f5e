// SPDX-License-Identifier: Apache-2.0
// Keras's transfer-learning tutorial: a new head on a frozen base, then the upper part of the base at a lower
// rate.
#include <algorithm>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/layers.hpp"
#include "graft/model.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/training.hpp"

#include "transfer/base/base_model.hpp"
#include "transfer/context/epoch_reporter.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/measure/class_weights.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/recipes/settle_precision.hpp"
#include "transfer/recipes/tutorial_model.hpp"
#include "transfer/state/run_context.hpp"

namespace graft::transfer {
namespace {

/// Sets the rate of each layer, and unfreezes group by group, as the recipe specifies.
std::vector<CallbackPtr> by_depth(const TutorialRecipe& recipe, const Model& model, Optimizer& optimizer) {
  const std::int64_t groups = recipe.unfreeze_groups;
  const std::vector<LayerGroup> all =
      layer_groups(model, groups > 1 ? static_cast<std::size_t>(groups) : std::size_t{0});
  const std::vector<double> multipliers = set_layer_rates(optimizer, all, recipe.layer_decay);
  if (groups <= 1) return {};
  return {GradualUnfreezing({.groups = all,
                             .epochs_per_group = std::max<std::int64_t>(1, recipe.fine_tune_epochs / groups),
                             .multipliers = multipliers,
                             .first_epoch = recipe.epochs})};
}

/// The two phases, one after the other.
class TutorialStages {
 public:
  TutorialStages(const RunContext& run, const TutorialRecipe& recipe)
      : run_(run), recipe_(recipe), augment_(augment_from_names(recipe.augment)) {}

  Trained run() {
    base_ = make_base(run_.options, run_.image_size);
    const ExecutionScope scope({.dtype_policy = settle_precision(run_, base_, trained_)});
    const models::FreezeOptions frozen{.names = recipe_.freeze, .from = recipe_.fine_tune_from};
    // Report unknown layer names before training.
    if (recipe_.fine_tune_epochs > 0) static_cast<void>(models::freeze(base_.model, frozen));
    base_.model.set_trainable(false);
    const std::size_t classes = run_.photos.class_names.size();
    trained_.output = classes == 2 ? "binary_logit" : "logits";
    trained_.model = tutorial_model(base_, run_.image_size, classes, augment_);
    fit("head", Adam({.learning_rate = head_rate(recipe_)}), 0, recipe_.epochs);
    if (!run_.reporter.stopped() && run_.reporter.broke_down().empty() && recipe_.fine_tune_epochs > 0) {
      const models::FreezeReport report = models::freeze(base_.model, frozen);
      if (!report.first_trainable.empty())
        run_.note(cat("fine-tuning from ", report.first_trainable, ": ", report.frozen_layers, " of ",
                      report.layers, " layers stay frozen"));
      fit("fine-tuning", RMSprop({.learning_rate = fine_tune_rate(recipe_)}), recipe_.epochs,
          recipe_.epochs + recipe_.fine_tune_epochs);
    }
    const std::vector<double> validation = history_["val_accuracy"];
    if (!validation.empty()) trained_.validation_accuracy = validation.back();
    return trained_;
  }

 private:
  /// Counts of the phase, as the tutorial prints them.
  void count(const std::string& name, const Optimizer& optimizer) {
    const auto trainable = trained_.model.trainable_weights();
    const PhaseCounts counts{.phase = name,
                             .total_params = trained_.model.count_params(),
                             .trainable_params = count_params(trainable),
                             .trainable_variables = trainable.size()};
    trained_.facts.phases.push_back(counts);
    run_.note(cat(name, ": ", with_commas(counts.total_params), " parameters, ",
                  with_commas(counts.trainable_params), " trainable in ", counts.trainable_variables,
                  " variables, ", optimizer.class_name(), " at ", optimizer.learning_rate()));
  }

  /// One phase: epochs from + 1 to to.
  void fit(const std::string& name, const OptimizerPtr& optimizer, std::int64_t from, std::int64_t to) {
    Model& model = trained_.model;
    const bool binary = run_.photos.class_names.size() == 2;
    const bool fine_tunes = name != "head";
    model.functional()->attach(nullptr);  // free the plans of the previous phase
    run_.reporter.enter(name);
    count(name, *optimizer);
    if (run_.checkpoint.is_past(name)) return;
    model.compile(
        {.optimizer = optimizer,
         .loss = tutorial_loss(augment_.mixes_labels, binary),
         .metrics = {"accuracy"},
         .l2_sp = fine_tunes ? L2SP{.weights = base_.model.weights(), .alpha = recipe_.l2_sp} : L2SP{}});
    std::vector<CallbackPtr> callbacks{report_epochs(run_.reporter, trained_.history, name, to)};
    if (fine_tunes) callbacks = joined(callbacks, by_depth(recipe_, model, *optimizer));
    const ClassWeight weight = augment_.mixes_labels ? ClassWeight::none : recipe_.class_weight;
    history_ +=
        model.fit(with_labels(run_.photos.train, augment_.mixes_labels, binary),
                  {.epochs = to,
                   .initial_epoch = from,
                   .validation_data = with_labels(run_.photos.validation, augment_.mixes_labels, binary),
                   .class_weight =
                       fit_class_weights(run_.photos.train.labels(), run_.photos.class_names.size(), weight),
                   .augment = augment_.batches,
                   .cache_bytes = run_.options.cache_bytes,
                   .callbacks = joined(std::move(callbacks), run_.checkpoint.keep(name, trained_.history)),
                   .ranks = run_.options.ranks,
                   .bfloat16_exchange = run_.options.bfloat16_exchange});
  }

  const RunContext& run_;
  const TutorialRecipe& recipe_;
  Augment augment_;
  BaseModel base_;
  Trained trained_;
  History history_;
};

}  // namespace

Trained train_tutorial(const RunContext& run, const TutorialRecipe& recipe) {
  return TutorialStages(run, recipe).run();
}

}  // namespace graft::transfer
