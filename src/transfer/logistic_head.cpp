// SPDX-License-Identifier: Apache-2.0
#include "graft/transfer/logistic_head.hpp"

#include <algorithm>
#include <cmath>

#include "graft/base/error.hpp"
#include "graft/layers/layers.hpp"
#include "graft/plan/plan.hpp"
#include "graft/training/metric.hpp"

#include "transfer/lbfgs.hpp"

namespace graft::transfer {

/// One Dense layer over all rows at once: the matrix products run on the same kernels as everything else.
struct LogisticSolver::Network {
  Network(std::int64_t rows, std::int64_t dimensions, std::int64_t classes)
      : input(Input({dimensions}, "features")),
        layer(layers::Dense({.units = classes, .kernel_initializer = "zeros", .name = "head"})),
        model(input, layer(input), "logistic_head"),
        plan(plan::Plan::lower(model, {.mode = plan::Mode::training, .batch_size = rows})),
        gradient(Shape{rows, classes}) {}
  SymbolicTensor input;
  Layer layer;
  Model model;
  plan::Plan plan;
  Tensor gradient;
  LossPtr loss = SparseCategoricalCrossentropy({.from_logits = true});
};

namespace {

Tensor to_labels(std::span<const int> labels) {
  Tensor tensor(Shape{static_cast<std::int64_t>(labels.size())}, DType::int32);
  std::ranges::copy(labels, tensor.data<std::int32_t>().begin());
  return tensor;
}

}  // namespace

LogisticSolver::LogisticSolver(const Tensor& features, std::span<const int> labels, std::size_t classes)
    : features_(features.clone()), labels_(to_labels(labels)), classes_(classes) {
  if (features.shape().rank() != 2 || static_cast<std::size_t>(features.shape()[0]) != labels.size()) {
    fail(ErrorKind::shape_mismatch, "logistic head: expected features (N, D) for ", labels.size(),
         " labels, received ", features.shape());
  }
  const auto rows = labels.size();
  const auto dimensions = static_cast<std::size_t>(features.shape()[1]);
  std::vector<double> sum(dimensions, 0.0);
  const std::span<float> x = features_.data<float>();
  for (std::size_t i = 0; i < x.size(); ++i) sum[i % dimensions] += x[i];
  for (const double s : sum) mean_.push_back(static_cast<float>(s / static_cast<double>(rows)));
  double square = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] -= mean_[i % dimensions];
    square += static_cast<double>(x[i]) * x[i];
  }
  scale_ = static_cast<float>(1 / std::max(std::sqrt(square / static_cast<double>(x.size())), 1e-12));
  for (float& value : x) value *= scale_;
  solution_.assign((dimensions + 1) * classes, 0.0);
  network_ =
      std::make_shared<Network>(features.shape()[0], features.shape()[1], static_cast<std::int64_t>(classes));
}

void LogisticSolver::weigh(std::span<const int> labels, std::span<const double> class_weights) {
  row_weights_ = Tensor(labels_.shape());
  std::ranges::transform(labels, row_weights_.data<float>().begin(), [&](int label) {
    return static_cast<float>(class_weights[static_cast<std::size_t>(label)]);
  });
}

double LogisticSolver::evaluate(const std::vector<double>& x, std::vector<double>& gradient, double l2) {
  Network& net = *network_;
  const std::vector<VariablePtr> weights = net.model.trainable_weights();
  std::size_t at = 0;
  for (const VariablePtr& weight : weights) {
    for (float& value : weight->mutable_value().data<float>()) value = static_cast<float>(x[at++]);
  }
  net.plan.forward(features_);
  const Tensor logits = net.plan.output();
  double value = net.loss->compute({logits, labels_, row_weights_, true}, &net.gradient);
  net.plan.backward(net.gradient);
  at = 0;
  for (const plan::Gradient& g : net.plan.gradients()) {
    for (const float slope : g.value.data<float>()) gradient[at++] = static_cast<double>(slope);
  }
  const std::size_t kernel = x.size() - classes_;  // the bias is not held back
  for (std::size_t i = 0; i < kernel; ++i) {
    value += 0.5 * l2 * x[i] * x[i];
    gradient[i] += l2 * x[i];
  }
  return value;
}

LinearHead LogisticSolver::solve(double l2, double tolerance) {
  const auto function = [&](const std::vector<double>& x, std::vector<double>& g) {
    return evaluate(x, g, l2);
  };
  iterations_ = minimise(solution_, function, {.tolerance = tolerance}).iterations;
  const auto dimensions = mean_.size();
  LinearHead head{Tensor(Shape{static_cast<std::int64_t>(dimensions), static_cast<std::int64_t>(classes_)}),
                  Tensor(Shape{static_cast<std::int64_t>(classes_)})};
  // (x - mean) scale W + b = x (scale W) + (b - mean scale W)
  std::vector<double> bias(solution_.end() - static_cast<std::ptrdiff_t>(classes_), solution_.end());
  for (std::size_t d = 0; d < dimensions; ++d) {
    for (std::size_t k = 0; k < classes_; ++k) {
      const double w = solution_[d * classes_ + k] * static_cast<double>(scale_);
      head.kernel.data<float>()[d * classes_ + k] = static_cast<float>(w);
      bias[k] -= w * static_cast<double>(mean_[d]);
    }
  }
  for (std::size_t k = 0; k < classes_; ++k) head.bias.data<float>()[k] = static_cast<float>(bias[k]);
  return head;
}

HeadScore score_head(const LinearHead& head, const Tensor& features, std::span<const int> labels) {
  const auto classes = static_cast<std::size_t>(head.bias.count());
  const auto dimensions = static_cast<std::size_t>(head.kernel.shape()[0]);
  const auto x = features.data<float>();
  const auto w = head.kernel.data<float>();
  Tensor logits(Shape{static_cast<std::int64_t>(labels.size()), static_cast<std::int64_t>(classes)});
  for (std::size_t row = 0; row < labels.size(); ++row) {
    float* out = logits.data<float>().data() + row * classes;
    std::ranges::copy(head.bias.data<float>(), out);
    for (std::size_t d = 0; d < dimensions; ++d) {
      const float value = x[row * dimensions + d];
      for (std::size_t k = 0; k < classes; ++k) out[k] += value * w[d * classes + k];
    }
  }
  const LossPtr loss = SparseCategoricalCrossentropy({.from_logits = true});
  const Tensor truth = to_labels(labels);
  const Tensor no_weights;
  const MetricPtr accuracy = SparseCategoricalAccuracy();
  accuracy->update({logits, truth, no_weights});
  return {loss->compute({logits, truth, no_weights, true}, nullptr), accuracy->result()};
}

}  // namespace graft::transfer
