// SPDX-License-Identifier: Apache-2.0
// compile, fit, evaluate and predict of Model.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "graft/base/error.hpp"

#include "training/compiled.hpp"
#include "training/fit.hpp"

namespace graft {
namespace {

using training::Compiled;

constexpr std::int64_t kPredictBatch = 32;  // as Keras's predict

}  // namespace

void Model::compile(CompileOptions options) {
  functional()->attach(std::make_shared<Compiled>(std::move(options)));
}

double Model::train_on_batch(const Tensor& images, const Tensor& labels, const Tensor& sample_weight) {
  Compiled& state = training::compiled(*this);
  state.reset_figures();
  const double loss = state.step(*this, {images, labels, {}}, sample_weight);
  if (!std::isfinite(loss))
    fail(ErrorKind::numeric, "train_on_batch: the loss became ", loss, "; lower the learning rate");
  return loss;
}

History Model::fit(const data::Dataset& dataset, const FitOptions& options) {
  return training::FitLoop(*this, dataset, options).run();
}

EvaluateResult Model::evaluate(const data::Dataset& dataset) { return evaluate(dataset, EvaluateOptions{}); }

EvaluateResult Model::evaluate(const data::Dataset& dataset, const EvaluateOptions& options) {
  Compiled& state = training::compiled(*this);
  training::test_all(state, *this, dataset, options);
  EvaluateResult result{.loss = state.mean_loss(), .samples = state.samples(), .figures = state.figures()};
  for (const auto& [name, value] : result.figures) {
    if (name == "accuracy" || name == "acc") result.accuracy = value;
  }
  return result;
}

namespace {

/// Runs batches of at most kPredictBatch rows through a plan that is made for each batch size once.
class Predictor {
 public:
  explicit Predictor(const Model& model) : model_(model) {}

  void add(const Tensor& images) {
    for (std::int64_t begin = 0; begin < images.shape()[0]; begin += kPredictBatch) {
      const Tensor rows = images.slice(begin, std::min(begin + kPredictBatch, images.shape()[0]));
      std::unique_ptr<plan::Plan>& plan = plans_[rows.shape()[0]];
      if (plan == nullptr) {
        plan = std::make_unique<plan::Plan>(plan::Plan::lower(
            model_, {.batch_size = rows.shape()[0], .input_shape = rows.shape().without_batch()}));
      }
      plan->forward(rows);
      parts_.push_back(plan->output().clone());
    }
  }

  [[nodiscard]] Tensor result() const {
    if (parts_.empty()) fail(ErrorKind::invalid_argument, "predict: there is nothing to predict");
    std::int64_t rows = 0;
    for (const Tensor& part : parts_) rows += part.shape()[0];
    Tensor all(parts_.front().shape().without_batch().with_batch(rows));
    auto* out = static_cast<std::byte*>(all.raw());
    for (const Tensor& part : parts_) {
      std::memcpy(out, part.raw(), part.size_bytes());
      out += part.size_bytes();
    }
    return all;
  }

 private:
  const Model& model_;
  std::map<std::int64_t, std::unique_ptr<plan::Plan>> plans_;
  std::vector<Tensor> parts_;
};

}  // namespace

Tensor Model::predict(const Tensor& input) {
  Predictor predictor(*this);
  predictor.add(input.to(DType::float32));
  return predictor.result();
}

Tensor Model::predict(const data::Dataset& dataset) {
  Predictor predictor(*this);
  data::BatchIterator batches = dataset.iterate();
  while (const auto batch = batches.next()) predictor.add(batch->images);
  return predictor.result();
}

}  // namespace graft
