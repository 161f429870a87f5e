// SPDX-License-Identifier: Apache-2.0
// compile, fit, evaluate and predict of Model.
#include <algorithm>

#include "graft/base/error.hpp"
#include "graft/plan/runner.hpp"

#include "training/compiled.hpp"

namespace graft {
namespace {

using training::Compiled;
using training::Totals;

/// class_weight as sample weights; empty without.
Tensor weights_of(const data::Batch& batch, const std::map<int, double>& class_weight) {
  if (class_weight.empty()) return {};
  const std::int64_t n = batch.images.shape()[0];
  Tensor weights = Tensor::full({n}, 1);
  for (std::int64_t i = 0; i < n; ++i) {
    int label = 0;
    if (batch.labels.dtype() == DType::int32) {
      label = batch.labels.data<std::int32_t>()[static_cast<std::size_t>(i)];
    } else {
      const auto row = static_cast<std::size_t>(batch.labels.count() / n);
      const auto values = batch.labels.data<float>().subspan(static_cast<std::size_t>(i) * row, row);
      label = row == 1 ? static_cast<int>(values[0])
                       : static_cast<int>(std::ranges::max_element(values) - values.begin());
    }
    const auto found = class_weight.find(label);
    if (found != class_weight.end())
      weights.data<float>()[static_cast<std::size_t>(i)] = static_cast<float>(found->second);
  }
  return weights;
}

void record(EpochLog& log, const Totals& totals, bool accuracy, const std::string& prefix) {
  const double n = static_cast<double>(std::max<std::int64_t>(totals.samples, 1));
  if (accuracy) log.values.emplace_back(prefix + "accuracy", static_cast<double>(totals.correct) / n);
  log.values.emplace_back(prefix + "loss", totals.loss / n);
}

Totals test_all(Compiled& state, const Model& model, const data::Dataset& dataset) {
  Totals totals;
  data::BatchIterator batches = dataset.iterate();
  while (const auto batch = batches.next()) state.test(model, *batch, totals);
  return totals;
}

}  // namespace

void Model::compile(CompileOptions options) {
  functional()->attach(std::make_shared<Compiled>(std::move(options)));
}

double Model::train_on_batch(const Tensor& images, const Tensor& labels, const Tensor& sample_weight) {
  Totals totals;
  return training::compiled(*this).step(*this, {images, labels, {}}, sample_weight, totals);
}

History Model::fit(const data::Dataset& dataset, const FitOptions& options) {
  Compiled& compiled = training::compiled(*this);
  if (dataset.size() == 0) fail(ErrorKind::invalid_argument, "fit: the data set is empty");
  History history;
  TrainingState state{.model = *this, .batches = dataset.batches()};
  for (const CallbackPtr& callback : options.callbacks) callback->on_train_begin(state);
  for (state.epoch = options.initial_epoch; state.epoch < options.epochs && !state.stop_training;
       ++state.epoch) {
    Totals totals;
    state.batch = 0;
    data::BatchIterator batches = dataset.iterate(static_cast<std::uint64_t>(state.epoch));
    while (const auto batch = batches.next()) {
      compiled.step(*this, *batch, weights_of(*batch, options.class_weight), totals);
      ++state.batch;
      for (const CallbackPtr& callback : options.callbacks) callback->on_batch_end(state);
    }
    EpochLog log{.epoch = state.epoch};
    record(log, totals, compiled.counts_accuracy(), "");
    if (options.validation_data) {
      record(log, test_all(compiled, *this, *options.validation_data), compiled.counts_accuracy(), "val_");
    }
    for (const CallbackPtr& callback : options.callbacks) callback->on_epoch_end(state, log);
    history.add(std::move(log));
  }
  for (const CallbackPtr& callback : options.callbacks) callback->on_train_end(state);
  return history;
}

EvaluateResult Model::evaluate(const data::Dataset& dataset) {
  const Totals totals = test_all(training::compiled(*this), *this, dataset);
  const double n = static_cast<double>(std::max<std::int64_t>(totals.samples, 1));
  return {totals.loss / n, static_cast<double>(totals.correct) / n, totals.samples};
}

namespace {

void check_any(std::int64_t rows) {
  if (rows == 0) fail(ErrorKind::invalid_argument, "predict: there is nothing to predict");
}

}  // namespace

Tensor Model::predict(const Tensor& input) {
  check_any(input.shape()[0]);
  return plan::Runner(*this).run_first(input.to(DType::float32));
}

Tensor Model::predict(const data::Dataset& dataset) {
  check_any(static_cast<std::int64_t>(dataset.size()));
  plan::Runner runner(*this, {.batch_size = dataset.batch_size()});
  Tensor all;
  std::int64_t done = 0;
  data::BatchIterator batches = dataset.iterate();
  while (const auto batch = batches.next()) {
    const Tensor rows = runner.run_first(batch->images);
    const std::int64_t count = rows.shape()[0];
    if (done == 0)
      all = Tensor(rows.shape().without_batch().with_batch(static_cast<std::int64_t>(dataset.size())));
    all.slice(done, done + count).copy_from(rows);
    done += count;
  }
  return all;
}

}  // namespace graft
