// SPDX-License-Identifier: Apache-2.0
// compile, fit, evaluate and predict of Model.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"

#include "training/compiled.hpp"
#include "training/fit.hpp"
#include "training/predictor.hpp"

namespace graft {
namespace {

using training::Compiled;

/// The figures since they were reset.
EvaluateResult result_of(const Compiled& state) {
  EvaluateResult result{.loss = state.mean_loss(), .samples = state.samples(), .figures = state.figures()};
  for (const auto& [name, value] : result.figures) {
    if (name == "accuracy" || name == "acc") result.accuracy = value;
  }
  return result;
}

void check_any(std::int64_t rows) {
  if (rows == 0) fail(ErrorKind::invalid_argument, "predict: there is nothing to predict");
}

}  // namespace

void Model::compile(CompileOptions options) {
  functional()->attach(std::make_shared<Compiled>(*functional(), std::move(options)));
}

void Model::compile(const OptimizerChoice& optimizer, const LossChoice& loss,
                    const std::vector<MetricChoice>& metrics) {
  compile({.optimizer = optimizer, .loss = loss, .metrics = metrics});
}
void Model::compile(const OptimizerChoice& optimizer, const LossChoice& loss) {
  compile({.optimizer = optimizer, .loss = loss});
}

double Model::train_on_batch(const Tensor& images, const Tensor& labels, const Tensor& sample_weight) {
  Compiled& state = training::compiled(*this);
  state.reset_figures();
  const double loss = state.step(*this, {images, labels, {}}, sample_weight);
  if (!std::isfinite(loss))
    fail(ErrorKind::numeric, "train_on_batch: the loss became ", loss, "; lower the learning rate");
  return loss;
}

History Model::fit(const data::Dataset& dataset) { return fit(dataset, FitOptions{}); }

History Model::fit(const data::Dataset& dataset, const FitOptions& options) {
  return training::FitLoop(*this, dataset, options).run();
}

EvaluateResult Model::evaluate(const data::Dataset& dataset) { return evaluate(dataset, EvaluateOptions{}); }

EvaluateResult Model::evaluate(const data::Dataset& dataset, const EvaluateOptions& options) {
  const ExecutionScope scope(options.execution);
  Compiled& state = training::compiled(*this);
  training::test_all(state, *this, dataset, options);
  return result_of(state);
}

EvaluateResult Model::test_on_batch(const Tensor& images, const Tensor& labels, const Tensor& sample_weight) {
  Compiled& state = training::compiled(*this);
  state.reset_figures();
  state.test(*this, {images, labels, {}}, sample_weight);
  return result_of(state);
}

Tensor Model::predict(const Tensor& input) {
  check_any(input.shape()[0]);
  return training::predictor(*this)->run(input.to(DType::float32), {});
}

Tensor Model::predict_on_batch(const Tensor& input) {
  check_any(input.shape()[0]);
  return training::predictor(*this)->run(input.to(DType::float32), {.batch_size = input.shape()[0]});
}

Tensor Model::predict(const data::Dataset& dataset) { return predict(dataset, PredictOptions{}); }

Tensor Model::predict(const data::Dataset& dataset, const PredictOptions& options) {
  check_any(static_cast<std::int64_t>(dataset.size()));
  if (options.steps.value_or(1) < 1)
    fail(ErrorKind::invalid_argument, "predict: steps: expected at least 1, received ", *options.steps);
  auto rows = static_cast<std::int64_t>(dataset.size());
  if (options.steps && *options.steps < static_cast<std::int64_t>(dataset.batches()))
    rows = *options.steps * dataset.batch_size();
  const std::shared_ptr<training::Predictor> predictor = training::predictor(*this);
  const plan::RunnerOptions run{
      .batch_size = dataset.batch_size(), .execution = options.execution, .ranges = options.ranges};
  Tensor all;
  std::int64_t done = 0;
  data::DatasetOptions stored = dataset.options();
  stored.shuffle = false;
  data::BatchIterator batches = dataset.with_options(stored).iterate();
  while (done < rows) {
    const auto batch = batches.next();
    if (!batch) break;
    const Tensor output = predictor->run(batch->images, run);
    const std::int64_t count = output.shape()[0];
    if (done == 0) all = Tensor(output.shape().without_batch().with_batch(rows));
    all.slice(done, done + count).copy_from(output);
    done += count;
  }
  return all;
}

}  // namespace graft
