// SPDX-License-Identifier: Apache-2.0
// Steps of a batch that is divided among ranks: docs/decisions/0088-groups-of-samples.md.
#include <algorithm>
#include <cmath>

#include "graft/base/execution_scope.hpp"
#include "graft/base/random.hpp"
#include "graft/cluster/tree_sum.hpp"

#include "training/activity_rules.hpp"
#include "training/compiled.hpp"

namespace graft::training {
namespace {

/// What dropout and random layers of a group draw from: its place in the batch counts, not its rank.
std::uint64_t group_seed(std::size_t group) { return mix64(mix64(random_seed()) + group); }

void scale(Tensor& tensor, float factor) {
  for (float& value : tensor.data()) value *= factor;
}

std::vector<Tensor> values_of(const std::vector<VariablePtr>& variables) {
  std::vector<Tensor> values;
  values.reserve(variables.size());
  for (const VariablePtr& variable : variables) values.push_back(variable->value().clone());
  return values;
}

void assign(const std::vector<VariablePtr>& variables, const std::vector<Tensor>& values) {
  for (std::size_t i = 0; i < variables.size(); ++i) variables[i]->assign(values[i]);
}

/// The gradients of a plan and the statistics that its forward pass wrote, as one array.
class StepArray {
 public:
  explicit StepArray(const plan::Plan& plan) : gradients_(plan.gradients()), written_(plan.written()) {
    for (const plan::Gradient& gradient : gradients_) length_ += count(gradient.value);
    for (const VariablePtr& variable : written_) length_ += count(variable->value());
  }

  [[nodiscard]] std::size_t length() const { return length_; }
  /// share: by which statistics are multiplied; the gradients are of a loss that was.
  void write(float share, std::span<float> array) const {
    auto at = array.begin();
    for (const plan::Gradient& gradient : gradients_)
      at = std::ranges::copy(std::as_const(gradient.value).data(), at).out;
    for (const VariablePtr& variable : written_) {
      const Tensor& value = variable->value();
      at = std::ranges::transform(value.data(), at, [&](float x) { return share * x; }).out;
    }
  }
  void read(std::span<const float> array) const {
    std::size_t at = 0;
    const auto take = [&](std::span<float> into) {
      std::ranges::copy(array.subspan(at, into.size()), into.begin());
      at += into.size();
    };
    for (const plan::Gradient& gradient : gradients_) {
      Tensor value = gradient.value;
      take(value.data());
    }
    for (const VariablePtr& variable : written_) take(variable->mutable_value().data());
  }

 private:
  static std::size_t count(const Tensor& tensor) { return static_cast<std::size_t>(tensor.count()); }

  const std::vector<plan::Gradient>& gradients_;
  const std::vector<VariablePtr>& written_;
  std::size_t length_ = 0;
};

float share_of_batch(const data::Batch& group, std::size_t samples) {
  return static_cast<float>(static_cast<double>(group.indices.size()) / static_cast<double>(samples));
}

}  // namespace

GroupRecord Compiled::record(const plan::Plan& plan, const data::Batch& group, const Tensor& weights,
                             Tensor* gradient) const {
  GroupRecord record{.activation = plan.final_activation(),
                     .output = plan.output().clone(),
                     .labels = group.labels,
                     .weights = weights};
  const LossInput input{record.output, record.labels, record.weights, logits(plan)};
  record.loss = options_.loss->compute(input, gradient) + activity_penalty(plan.activities());
  return record;
}

double Compiled::step(const Model& model, cluster::Communicator& ranks, const OwnGroups& own,
                      const CachedSet* cached) {
  const plan::Plan& of_full_group = plan_for(training_, model, own.images, plan::Mode::training);
  const StepArray whole(of_full_group);
  const std::vector<Tensor> before = values_of(of_full_group.written());
  if (total_.size() != whole.length()) {
    groups_sum_.emplace(whole.length());
    total_.resize(whole.length());
  }
  cluster::TreeSum& sum = *groups_sum_;
  sum.clear();
  std::vector<GroupRecord> records;
  for (std::size_t i = 0; i < own.batches.size(); ++i) {
    const data::Batch& group = own.batches[i];
    plan::Plan& plan = plan_for(training_, model, group.images.shape(), plan::Mode::training);
    if (i > 0) assign(plan.written(), before);
    forward_frozen(plan, group, cached);
    plan.forward_from_frozen(group_seed(own.first + i), steps_);
    Tensor gradient(plan.output().shape());
    records.push_back(record(plan, group, own.weights[i], &gradient));
    const float share = share_of_batch(group, own.samples);
    scale(gradient, share);
    std::vector<Tensor> of_activities = activity_gradients(plan.activities());
    for (Tensor& one : of_activities) scale(one, share);
    plan.backward(gradient, of_activities);
    std::vector<float> array = sum.array();
    StepArray(plan).write(share, array);
    sum.add({own.first + i, own.first + i + 1}, std::move(array));
  }
  ++steps_;
  const GroupRecord batch = join_records(ranks, records);
  const WeightRules& weight_rules = rules(model);
  const double loss = batch.loss + (weight_rules.adds_loss() ? weight_rules.penalty() : 0.0);
  watch(batch.activation, {batch.output, batch.labels, batch.weights, logits(of_full_group)}, loss);
  if (!std::isfinite(loss)) {
    assign(of_full_group.written(), before);
    return loss;
  }
  cluster::sum_over_ranks(ranks, own.of, sum, total_);
  whole.read(total_);
  if (weight_rules.adds_loss()) weight_rules.add_gradients(of_full_group.gradients());
  options_.optimizer->apply(of_full_group.gradients());
  weight_rules.constrain();
  return loss;
}

void Compiled::test(const Model& model, cluster::Communicator& ranks, const OwnGroups& own,
                    const CachedSet* cached) {
  std::vector<GroupRecord> records;
  for (std::size_t i = 0; i < own.batches.size(); ++i) {
    const data::Batch& group = own.batches[i];
    plan::Plan& plan = plan_for(testing_, model, group.images.shape(), plan::Mode::inference);
    forward_frozen(plan, group, cached);
    plan.forward_from_frozen();
    records.push_back(record(plan, group, own.weights[i], nullptr));
  }
  const GroupRecord batch = join_records(ranks, records);
  const plan::Plan& of_full_group = plan_for(testing_, model, own.images, plan::Mode::inference);
  watch(batch.activation, {batch.output, batch.labels, batch.weights, logits(of_full_group)},
        batch.loss + rules(model).penalty());
}

}  // namespace graft::training
