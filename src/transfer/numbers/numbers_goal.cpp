// SPDX-License-Identifier: Apache-2.0
#include "transfer/numbers/numbers_goal.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace graft::transfer {
namespace {

/// Each value of a table (rows, K), with the number k that it is of, changed.
Tensor each_number(const Tensor& values, const std::function<double(double value, std::size_t k)>& change) {
  Tensor changed(values.shape());
  const auto width = static_cast<std::size_t>(values.shape()[values.shape().rank() - 1]);
  const auto from = values.data<float>();
  const auto to = changed.data<float>();
  for (std::size_t at = 0; at < from.size(); ++at)
    to[at] = static_cast<float>(change(static_cast<double>(from[at]), at % width));
  return changed;
}

/// Mean over all values of a function of their distances.
double mean_over_distances(const Tensor& answers, const Tensor& truth, double (*of_distance)(double)) {
  double sum = 0;
  const auto given = answers.data<float>();
  const auto right = truth.data<float>();
  for (std::size_t at = 0; at < given.size(); ++at)
    sum += of_distance(static_cast<double>(given[at]) - static_cast<double>(right[at]));
  return sum / static_cast<double>(std::max<std::size_t>(given.size(), 1));
}

}  // namespace

void NumbersGoal::set_scale(const Tensor& train_truth) {
  const auto width = static_cast<std::size_t>(train_truth.shape()[1]);
  const auto values = train_truth.data<float>();
  const auto count = static_cast<double>(train_truth.shape()[0]);
  mean_.assign(width, 0);
  deviation_.assign(width, 0);
  for (std::size_t at = 0; at < values.size(); ++at)
    mean_[at % width] += static_cast<double>(values[at]) / count;
  for (std::size_t at = 0; at < values.size(); ++at) {
    const double distance = static_cast<double>(values[at]) - mean_[at % width];
    deviation_[at % width] += distance * distance / count;
  }
  for (double& one : deviation_) one = one > 0 ? std::sqrt(one) : 1;
}

Tensor NumbersGoal::truth(const data::Dataset& photos, std::size_t /*numbers*/) const {
  return to_training(photos.targets());
}

LossPtr NumbersGoal::loss() const { return MeanSquaredError(); }

double NumbersGoal::judge(const Tensor& logits, const Tensor& truth,
                          std::span<const double> /*class_weights*/) const {
  return mean_over_distances(logits, truth, [](double distance) { return distance * distance; });
}

HeadScore NumbersGoal::score(const Tensor& logits, const Tensor& truth) const {
  const double loss = judge(logits, truth, {});
  return {.loss = loss, .accuracy = std::max(0.0, 1 - loss)};
}

Tensor NumbersGoal::to_training(const Tensor& values) const {
  return each_number(values,
                     [this](double value, std::size_t k) { return (value - mean_[k]) / deviation_[k]; });
}

Tensor NumbersGoal::from_training(const Tensor& values) const {
  return each_number(values,
                     [this](double value, std::size_t k) { return value * deviation_[k] + mean_[k]; });
}

LinearHead NumbersGoal::to_training(const LinearHead& head) const {
  return {.kernel =
              each_number(head.kernel, [this](double value, std::size_t k) { return value / deviation_[k]; }),
          .bias = to_training(head.bias)};
}

LinearHead NumbersGoal::from_training(const LinearHead& head) const {
  return {.kernel =
              each_number(head.kernel, [this](double value, std::size_t k) { return value * deviation_[k]; }),
          .bias = from_training(head.bias)};
}

double mean_distance(const Tensor& answers, const Tensor& truth) {
  return mean_over_distances(answers, truth, [](double distance) { return std::abs(distance); });
}

}  // namespace graft::transfer
