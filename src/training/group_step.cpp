// SPDX-License-Identifier: Apache-2.0
// Steps of a batch that is divided among ranks: docs/decisions/0088-groups-of-samples.md.
#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include "graft/base/execution_scope.hpp"
#include "graft/base/random.hpp"
#include "graft/cluster/add_time.hpp"
#include "graft/cluster/running_sum.hpp"

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

/// What ranks add up in a step, as one array: the statistics that forward passes wrote, then the gradients
/// from the last layer to the first, about as a backward pass finishes them. The order is the model's, not a
/// plan's: it is the same on all ranks.
class StepArray {
 public:
  explicit StepArray(const plan::Plan& plan) {
    for (const VariablePtr& variable : plan.written()) statistics_ += count(variable->value());
    ends_.push_back(statistics_);
    const std::vector<plan::Gradient>& gradients = plan.gradients();
    for (auto gradient = gradients.rbegin(); gradient != gradients.rend(); ++gradient)
      ends_.push_back(ends_.back() + count(gradient->value));
  }

  [[nodiscard]] std::size_t length() const { return ends_.back(); }
  /// Elements that are statistics, the first ones.
  [[nodiscard]] std::size_t statistics() const { return statistics_; }
  [[nodiscard]] std::size_t gradients() const { return ends_.size() - 1; }
  /// Where the gradient stands that is number `position` of a plan's.
  [[nodiscard]] cluster::Range place(std::size_t position) const {
    const std::size_t number = gradients() - 1 - position;
    return {.begin = ends_[number], .end = ends_[number + 1]};
  }

  /// share: by which statistics are multiplied; the gradients are of a loss that was.
  void write_statistics(const plan::Plan& plan, float share, std::span<float> array) const {
    auto at = array.begin();
    for (const VariablePtr& variable : plan.written()) {
      const Tensor& value = variable->value();
      at = std::ranges::transform(value.data(), at, [&](float x) { return share * x; }).out;
    }
  }
  void read(const plan::Plan& plan, std::span<const float> array) const {
    std::size_t at = 0;
    for (const VariablePtr& variable : plan.written()) {
      const std::span<float> into = variable->mutable_value().data();
      std::ranges::copy(array.subspan(at, into.size()), into.begin());
      at += into.size();
    }
    for (std::size_t i = 0; i < gradients(); ++i) {
      Tensor value = plan.gradients()[i].value;
      std::ranges::copy(array.subspan(place(i).begin, place(i).size()), value.data().begin());
    }
  }

 private:
  static std::size_t count(const Tensor& tensor) { return static_cast<std::size_t>(tensor.count()); }

  std::size_t statistics_ = 0;
  std::vector<std::size_t> ends_;  ///< of the statistics, then of the gradients in their order
};

/// Fills the array of a group with gradients as they become final.
class ArrayFilling {
 public:
  ArrayFilling(const StepArray& layout, const plan::Plan& plan, std::span<float> array)
      : layout_(layout), plan_(plan), array_(array), is_there_(layout.gradients(), false) {}

  /// Takes the gradients at these positions; returns how many elements are there from the beginning on.
  std::size_t take(std::span<const std::size_t> positions) {
    for (const std::size_t position : positions) {
      const Tensor& value = plan_.gradients()[position].value;
      std::ranges::copy(value.data(), array_.subspan(layout_.place(position).begin).begin());
      is_there_[position] = true;
    }
    while (left_ > 0 && is_there_[left_ - 1]) --left_;
    return left_ > 0 ? layout_.place(left_ - 1).begin : layout_.length();
  }

 private:
  const StepArray& layout_;
  const plan::Plan& plan_;
  std::span<float> array_;
  std::vector<bool> is_there_;  ///< by position
  std::size_t left_ = is_there_.size();
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

std::vector<GroupRecord> Compiled::run_groups(const Model& model, const OwnGroups& own,
                                              const CachedSet* cached, const std::vector<Tensor>& written,
                                              const GroupBackward& backward) {
  std::vector<GroupRecord> records;
  for (std::size_t i = 0; i < own.batches.size(); ++i) {
    const data::Batch& group = own.batches[i];
    plan::Plan& plan = plan_for(training_, model, group.images.shape(), plan::Mode::training);
    if (i > 0) assign(plan.written(), written);
    forward_frozen(plan, group, cached);
    plan.forward_from_frozen(group_seed(own.first + i), steps_);
    Tensor gradient(plan.output().shape());
    records.push_back(record(plan, group, own.weights[i], &gradient));
    const float share = share_of_batch(group, own.samples);
    scale(gradient, share);
    std::vector<Tensor> of_activities = activity_gradients(plan.activities());
    for (Tensor& one : of_activities) scale(one, share);
    backward({plan, own.first + i, share, gradient, of_activities});
  }
  return records;
}

double Compiled::step(const Model& model, const GroupExchange& exchange, const OwnGroups& own,
                      const CachedSet* cached) {
  const plan::Plan& of_full_group = plan_for(training_, model, own.images, plan::Mode::training);
  const StepArray layout(of_full_group);
  const std::vector<Tensor> before = values_of(of_full_group.written());
  const std::size_t exact = exchange.bfloat16 ? layout.statistics() : layout.length();
  if (!groups_sum_ || groups_sum_->length() != layout.length() || groups_sum_->exact() != exact) {
    groups_sum_.emplace(layout.length(), exact);
    total_.resize(layout.length());
  }
  cluster::TreeSum& sum = *groups_sum_;
  sum.clear();
  cluster::StepTimes& times = exchange.ranks.step_times();
  times.bytes = 4 * exact + 2 * (layout.length() - exact);
  std::optional<cluster::AddTime> overlap;
  cluster::RunningSum running(exchange.ranks, own.of, sum, total_);
  const auto backward = [&](const GroupLoss& of) {
    const bool last = of.group + 1 == own.first + own.batches.size();
    const std::span<float> array = sum.open({of.group, of.group + 1});
    layout.write_statistics(of.plan, of.share, array);
    ArrayFilling filling(layout, of.plan, array);
    std::size_t filled = 0;
    of.plan.backward(of.gradient, of.of_activities, [&](std::span<const std::size_t> are_final) {
      const std::size_t end = filling.take(are_final);
      if (end > filled) sum.filled(end);
      filled = end;
      if (!last || end == 0) return;
      if (!overlap) overlap.emplace(times.overlap);
      // The rank's other groups are added up: what is final of this one can travel.
      const cluster::AddTime timer(times.exchange);
      running.ready(end);
      running.poll();
    });
  };
  const std::vector<GroupRecord> records = run_groups(model, own, cached, before, backward);
  overlap.reset();
  if (own.batches.empty()) running.ready(layout.length());
  ++steps_;
  const auto waiting = [&](const auto& call) {
    const cluster::AddTime timer(times.waiting);
    return call();
  };
  const GroupRecord batch = waiting([&] { return join_records(exchange.ranks, records); });
  const WeightRules& weight_rules = rules(model);
  const double loss = batch.loss + (weight_rules.adds_loss() ? weight_rules.penalty() : 0.0);
  watch(batch.activation, {batch.output, batch.labels, batch.weights, logits(of_full_group)}, loss);
  waiting([&] { running.finish(); });
  if (!std::isfinite(loss)) {
    assign(of_full_group.written(), before);
    return loss;
  }
  layout.read(of_full_group, total_);
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
