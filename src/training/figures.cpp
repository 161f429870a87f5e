// SPDX-License-Identifier: Apache-2.0
// The figures of an epoch: sums of loss and metrics, their names, their state; weights of samples.
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "training/compiled.hpp"
#include "training/group_pass.hpp"

namespace graft::training {

void Compiled::reset_figures() {
  loss_sum_ = 0;
  samples_ = 0;
  restored_states_.clear();
  for (const Watched& watched : metrics_) {
    if (watched.metric != nullptr) watched.metric->reset();
  }
}

double Compiled::mean_loss() const {
  return loss_sum_ / static_cast<double>(std::max<std::int64_t>(samples_, 1));
}

MetricPtr Compiled::metric_so_far(std::size_t index) const {
  const Watched& watched = metrics_[index];
  if (watched.metric != nullptr) return watched.metric;
  if (index >= restored_states_.size() || restored_states_[index].empty()) return nullptr;
  // Resumed at the end of an epoch: no batch has decided the kind of accuracy, but all kinds are means.
  MetricPtr any = CategoricalAccuracy(watched.name);
  any->set_state(restored_states_[index]);
  return any;
}

/// In the order of their names, as Keras's logs are.
Figures Compiled::figures() const {
  Figures all{{"loss", mean_loss()}};
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    const MetricPtr metric = metric_so_far(i);
    all.emplace_back(metrics_[i].name, metric == nullptr ? 0.0 : metric->result());
  }
  std::ranges::sort(all, {}, &std::pair<std::string, double>::first);
  return all;
}

void Compiled::save_state(StateBag& bag) const {
  (*bag.facts)["steps"] = steps_;
  (*bag.facts)["samples"] = samples_;
  Tensor sums(Shape{1}, DType::float64);
  sums.data<double>()[0] = loss_sum_;
  bag.tensors["figures/loss"] = sums;
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    const MetricPtr metric = metric_so_far(i);
    if (metric == nullptr) continue;
    const std::vector<double> state = metric->state();
    Tensor tensor(Shape{static_cast<std::int64_t>(state.size())}, DType::float64);
    std::ranges::copy(state, tensor.data<double>().begin());
    bag.tensors[cat("figures/metric/", i)] = tensor;
  }
}

void Compiled::load_state(const StateBag& bag) {
  steps_ = bag.facts->at("steps").get<std::uint64_t>();
  samples_ = bag.facts->at("samples").get<std::int64_t>();
  loss_sum_ = bag.tensors.at("figures/loss").data<double>()[0];
  restored_states_.assign(metrics_.size(), {});
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    const auto found = bag.tensors.find(cat("figures/metric/", i));
    if (found == bag.tensors.end()) continue;
    const auto state = found->second.data<double>();
    restored_states_[i].assign(state.begin(), state.end());
    if (metrics_[i].metric != nullptr) metrics_[i].metric->set_state(restored_states_[i]);
  }
}

namespace {

int class_of(const data::Batch& batch, std::size_t sample, std::size_t samples) {
  if (batch.labels.dtype() == DType::int32) return batch.labels.data<std::int32_t>()[sample];
  const std::size_t row = static_cast<std::size_t>(batch.labels.count()) / samples;
  const auto values = batch.labels.data<float>().subspan(sample * row, row);
  return row == 1 ? static_cast<int>(values[0])
                  : static_cast<int>(std::ranges::max_element(values) - values.begin());
}

}  // namespace

Tensor batch_weights(const data::Batch& batch, const std::map<int, double>& class_weight,
                     const Tensor& sample_weight) {
  if (class_weight.empty() && sample_weight.empty()) return {};
  if (!class_weight.empty() && !sample_weight.empty())
    fail(ErrorKind::invalid_argument, "fit: expected class_weight or sample_weight, received both");
  const std::size_t samples = batch.indices.size();
  Tensor weights = Tensor::full({static_cast<std::int64_t>(samples)}, 1);
  auto out = weights.data<float>();
  for (std::size_t i = 0; i < samples; ++i) {
    if (class_weight.empty()) {
      out[i] = sample_weight.data<float>()[batch.indices.at(i)];
    } else if (const auto found = class_weight.find(class_of(batch, i, samples));
               found != class_weight.end()) {
      out[i] = static_cast<float>(found->second);
    }
  }
  return weights;
}

namespace {

/// How much of a data set is tested.
struct TestedBatches {
  const EvaluateOptions& options;
  std::size_t count = 0;
};

void test_groups(Compiled& state, const Model& model, const data::Dataset& dataset,
                 const TestedBatches& batches, const CachedSet* cached) {
  GroupPass pass(dataset, *batches.options.ranks, 0, 0);
  for (std::size_t done = 0; done < batches.count; ++done) {
    std::optional<OwnGroups> own = pass.next();
    if (!own) return;
    for (std::size_t i = 0; i < own->batches.size(); ++i)
      own->weights[i] = batch_weights(own->batches[i], {}, batches.options.sample_weight);
    state.test(model, *batches.options.ranks, *own, cached);
  }
}

}  // namespace

void test_all(Compiled& state, const Model& model, const data::Dataset& dataset,
              const EvaluateOptions& options, const CachedSet* cached) {
  if (!options.sample_weight.empty() &&
      static_cast<std::size_t>(options.sample_weight.count()) != dataset.size()) {
    fail(ErrorKind::shape_mismatch, "evaluate: sample_weight: expected one number for each of ",
         dataset.size(), " samples, received ", options.sample_weight.shape());
  }
  state.reset_figures();
  const std::size_t count = options.steps ? static_cast<std::size_t>(*options.steps) : dataset.batches();
  if (options.ranks) return test_groups(state, model, dataset, {options, count}, cached);
  const auto weights = [&](const data::Batch& batch) {
    return batch_weights(batch, {}, options.sample_weight);
  };
  const std::size_t last = std::min(count, dataset.batches());
  std::size_t done = 0;
  // As long as all is kept, no image is decoded.
  const std::vector<std::size_t> order = cached == nullptr ? std::vector<std::size_t>() : dataset.order(0);
  for (; cached != nullptr && done < last; ++done) {
    const auto size = static_cast<std::size_t>(dataset.batch_size());
    const std::size_t begin = done * size;
    const std::span samples = std::span(order).subspan(begin, std::min(size, order.size() - begin));
    const Shape images = dataset.sample_shape().with_batch(static_cast<std::int64_t>(samples.size()));
    const std::optional<Tensor> labels = state.restore_frozen(model, *cached, samples, images);
    if (!labels) break;
    const data::Batch batch{.images = {}, .labels = *labels, .indices = {samples.begin(), samples.end()}};
    state.test_restored(model, images, *labels, weights(batch));
  }
  if (done >= last) return;
  data::BatchIterator batches = dataset.iterate(0, done);
  for (; done < last; ++done) {
    const auto batch = batches.next();
    if (!batch) break;
    state.test(model, *batch, weights(*batch), cached);
  }
}

}  // namespace graft::training
