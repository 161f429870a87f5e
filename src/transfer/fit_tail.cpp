// SPDX-License-Identifier: Apache-2.0
#include "transfer/fit_tail.hpp"

#include <algorithm>

#include "graft/layers/layers.hpp"
#include "graft/models/functional_model.hpp"

#include "transfer/comparison.hpp"
#include "transfer/rows.hpp"
#include "transfer/run_state.hpp"

namespace graft::transfer {
namespace {

constexpr double kRise = 0.1;  // share of the steps in which the learning rate rises

Tensor as_tensor(const std::vector<int>& labels) {
  Tensor tensor(Shape{static_cast<std::int64_t>(labels.size())}, DType::int32);
  std::ranges::copy(labels, tensor.data<std::int32_t>().begin());
  return tensor;
}

Model make_tail(const BaseModel& base, const FineTuningPlan& plan, const ClassifierGraph& classifier) {
  const SymbolicTensor& frontier = plan.frontier.tensor;
  const Model tail(frontier, base.model.outputs().front(), "tail");
  const SymbolicTensor input = Input(frontier.shape.without_batch(), "frontier");
  return {input, classifier.head(classifier.pooling(tail(input, {.training = false}))), "fine_tuning"};
}

}  // namespace

TailFit::TailFit(const RecipeRun& run, const BaseModel& base, const FineTuningPlan& plan,
                 const ClassifierGraph& classifier)
    : run_(run),
      base_(base),
      plan_(plan),
      tail_(make_tail(base, plan, classifier)),
      before_(tail_.weights()) {}

void TailFit::set_trainable(bool trainable) {
  const auto all = base_.model.layers();
  base_.model.functional()->LayerBase::set_trainable(trainable);
  for (std::size_t i = plan_.frontier.layer_index; i < all.size(); ++i) all[i].set_trainable(trainable);
}

RowScores TailFit::fit(const TailData& data) {
  set_trainable(true);
  const TrainOptions& options = run_.options;
  const std::vector<int> labels = twice(data.train_labels);
  const auto views = static_cast<std::int64_t>(labels.size());
  const std::int64_t steps = (views + options.batch_size - 1) / options.batch_size * plan_.epochs;
  tail_.compile({.optimizer = Adam(
                     {.learning_rate = OneCycle(
                          {.max_learning_rate = plan_.learning_rate, .total_steps = steps, .rise = kRise})}),
                 .loss = SparseCategoricalCrossentropy(),
                 .metrics = {"accuracy"}});
  const auto training =
      data::Dataset::from_tensors(data.train, as_tensor(labels),
                                  {.batch_size = options.batch_size, .shuffle = true, .seed = options.seed});
  const auto validation = data::Dataset::from_tensors(data.validation, as_tensor(data.validation_labels),
                                                      {.batch_size = options.batch_size});
  Json& rows = run_.result.history;
  const History history = tail_.fit(
      training, {.epochs = plan_.epochs,
                 .validation_data = validation,
                 .callbacks = joined({report_epochs(run_.reporter, rows, "fine-tuning", plan_.epochs)},
                                     run_.state.keep("fine-tuning", rows))});
  const RowScores scores = scores_of(tail_.predict(data.validation), data.validation_labels);
  const EvaluateResult after = tail_.evaluate(validation);
  run_.result.facts["fine_tuning"] = {
      {"from_layer", plan_.frontier.first_layer}, {"layer_index", plan_.frontier.layer_index},
      {"learning_rate", plan_.learning_rate},     {"epochs", history.epochs().size()},
      {"operations", plan_.operations},           {"validation_loss", after.loss},
      {"validation_accuracy", after.accuracy}};
  return scores;
}

void TailFit::restore() {
  before_.restore();
  set_trainable(false);
}

}  // namespace graft::transfer
