// SPDX-License-Identifier: Apache-2.0
#include "graft/transfer/logistic_head.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "graft/base/error.hpp"
#include "graft/layers/layers.hpp"
#include "graft/plan/plan.hpp"
#include "graft/training/loss.hpp"

#include "transfer/heads/lbfgs.hpp"

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
  // Without a head to stay near the bias is not held back.
  const std::size_t held = centre_.empty() ? x.size() - classes_ : x.size();
  for (std::size_t i = 0; i < held; ++i) {
    const double away = x[i] - (centre_.empty() ? 0 : centre_[i]);
    value += 0.5 * l2 * away * away;
    gradient[i] += l2 * away;
  }
  return value;
}

void LogisticSolver::stay_near(const LinearHead& head) {
  const auto dimensions = mean_.size();
  if (static_cast<std::size_t>(head.kernel.count()) != dimensions * classes_ ||
      static_cast<std::size_t>(head.bias.count()) != classes_) {
    fail(ErrorKind::shape_mismatch, "logistic head: expected a head of ", dimensions, " features and ",
         classes_, " classes to stay near, received a kernel ", head.kernel.shape());
  }
  // x W + b = (x - mean) scale (W / scale) + (b + mean W)
  centre_.assign(solution_.size(), 0.0);
  double* const bias = centre_.data() + dimensions * classes_;
  for (std::size_t k = 0; k < classes_; ++k) bias[k] = head.bias.data<float>()[k];
  for (std::size_t d = 0; d < dimensions; ++d) {
    for (std::size_t k = 0; k < classes_; ++k) {
      const double w = head.kernel.data<float>()[d * classes_ + k];
      centre_[d * classes_ + k] = w / static_cast<double>(scale_);
      bias[k] += w * static_cast<double>(mean_[d]);
    }
  }
  solution_ = centre_;
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

RowScores score_rows(const LinearHead& head, const Tensor& features, std::span<const int> labels) {
  const auto classes = static_cast<std::size_t>(head.bias.count());
  const auto dimensions = static_cast<std::size_t>(head.kernel.shape()[0]);
  const auto x = features.data<float>();
  const auto w = head.kernel.data<float>();
  RowScores scores;
  std::vector<float> logits(classes);
  for (std::size_t row = 0; row < labels.size(); ++row) {
    std::ranges::copy(head.bias.data<float>(), logits.begin());
    for (std::size_t d = 0; d < dimensions; ++d) {
      const float value = x[row * dimensions + d];
      for (std::size_t k = 0; k < classes; ++k) logits[k] += value * w[d * classes + k];
    }
    const auto largest = std::ranges::max_element(logits);
    double sum = 0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - *largest);
    const auto right = static_cast<std::size_t>(labels[row]);
    scores.losses.push_back(std::log(sum) + *largest - logits[right]);
    scores.wrong.push_back(static_cast<std::size_t>(largest - logits.begin()) == right ? 0 : 1);
  }
  return scores;
}

HeadScore RowScores::mean() const {
  const auto rows = static_cast<double>(std::max<std::size_t>(losses.size(), 1));
  return {std::accumulate(losses.begin(), losses.end(), 0.0) / rows,
          1 - std::accumulate(wrong.begin(), wrong.end(), 0.0) / rows};
}

HeadScore score_head(const LinearHead& head, const Tensor& features, std::span<const int> labels) {
  return score_rows(head, features, labels).mean();
}

}  // namespace graft::transfer
