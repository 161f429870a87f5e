// SPDX-License-Identifier: Apache-2.0
#include "transfer/measure/score.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/cluster/communicator.hpp"
#include "graft/cluster/tree_sum.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/core.hpp"
#include "graft/models/pooled_features.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/features/features.hpp"
#include "transfer/load/photos.hpp"

namespace graft::transfer {
namespace {

/// What the last layer computes from, before layers that do nothing in inference: where the network's pooled
/// features are meant, these are what pooled_features() returns, so that the cache serves both.
SymbolicTensor before_dropout(SymbolicTensor at) {
  while (at.layer->class_name() == "Dropout")
    at = at.layer->nodes().at(static_cast<std::size_t>(at.node)).inputs.front();
  return at;
}

bool same_tensor(const SymbolicTensor& a, const SymbolicTensor& b) {
  return a.layer == b.layer && a.node == b.node && a.index == b.index;
}

}  // namespace

float threshold_of(std::string_view output) { return output == "sigmoid" ? 0.5F : 0.0F; }

std::vector<int> predicted_classes(const Tensor& output, float threshold) {
  const auto columns = static_cast<std::size_t>(output.shape()[-1]);
  const auto rows = static_cast<std::size_t>(output.shape()[0]);
  std::vector<int> classes;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto scores = output.data<float>().subspan(row * columns, columns);
    if (columns == 1) {
      classes.push_back(scores[0] > threshold ? 1 : 0);
    } else {
      classes.push_back(static_cast<int>(std::ranges::max_element(scores) - scores.begin()));
    }
  }
  return classes;
}

TestScore score_test(const Tensor& values, std::string_view output, const Photos& photos) {
  const std::size_t classes = photos.class_names.size();
  TestScore score;
  score.confusion.assign(classes, std::vector<std::int64_t>(classes, 0));
  const std::vector<int> truth = photos.test.labels();
  const std::vector<int> predicted = predicted_classes(values, threshold_of(output));
  std::size_t right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ++score.confusion.at(static_cast<std::size_t>(truth[i])).at(static_cast<std::size_t>(predicted[i]));
    if (truth[i] == predicted[i]) ++right;
  }
  score.interval = wilson_interval(right, truth.size());
  score.accuracy = static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(truth.size(), 1));
  return score;
}

namespace {

/// Each rank answers whole batches that follow each other: they are those of one process.
Tensor predicted_by(cluster::Communicator& ranks, Model model, const data::Dataset& photos) {
  const auto batch = static_cast<std::size_t>(photos.batch_size());
  const cluster::Range own = cluster::share_of(photos.batches(), ranks.rank(), ranks.size());
  const std::size_t begin = own.begin * batch;
  std::vector<std::size_t> rows(std::min(own.end * batch, photos.size()) - std::min(begin, photos.size()));
  std::iota(rows.begin(), rows.end(), begin);
  Tensor answers;
  data::DatasetOptions in_order = photos.options();
  in_order.shuffle = false;
  if (!rows.empty()) answers = model.predict(photos.subset(rows, in_order));
  const auto* bytes = static_cast<const std::byte*>(std::as_const(answers).raw());
  Tensor all(model.output_shape().without_batch().with_batch(static_cast<std::int64_t>(photos.size())));
  auto* to = static_cast<std::byte*>(all.raw());
  for (const cluster::Bytes& part : ranks.gather({bytes, answers.size_bytes()}))
    to = std::ranges::copy(part, to).out;
  return all;
}

}  // namespace

double share_explained(const std::vector<NumberFigures>& figures) {
  double sum = 0;
  for (const NumberFigures& one : figures) sum += std::max(one.r2.value_or(0), 0.0);
  return figures.empty() ? 0 : sum / static_cast<double>(figures.size());
}

Predicted predict_with_features(Model model, const data::Dataset& photos, const DiskCacheOptions& cache,
                                const std::string& label, cluster::Communicator* ranks) {
  if (ranks != nullptr) return {predicted_by(*ranks, std::move(model), photos)};
  const SymbolicTensor output = model.outputs().front();
  const auto& inputs = output.layer->nodes().at(static_cast<std::size_t>(output.node)).inputs;
  if (output.layer->class_name() != "Dense" || inputs.front().shape.rank() != 2)
    return {model.predict(photos)};
  const TrainOptions silent;
  Reporter reporter(silent);
  const SymbolicTensor before = before_dropout(inputs.front());
  Features features({.model = Model(model.inputs(), {before}, "features"),
                     .stage = label,
                     .cache = cache,
                     .label = cat("features of ", label, " photos, ", model.name())},
                    photos, reporter);
  const Tensor values = features.take(0);
  const SymbolicTensor input = Input(values.shape().without_batch(), "features");
  Predicted predicted{Model(input, Layer(output.layer)(input), "head").predict(values)};
  if (same_tensor(before, models::pooled_features(model).outputs().front())) predicted.features = values;
  return predicted;
}

Tensor predict_photos(Model model, const data::Dataset& photos, const DiskCacheOptions& cache,
                      const std::string& label, cluster::Communicator* ranks) {
  return predict_with_features(std::move(model), photos, cache, label, ranks).output;
}

}  // namespace graft::transfer
