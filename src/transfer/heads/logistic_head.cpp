// SPDX-License-Identifier: Apache-2.0
#include "graft/transfer/logistic_head.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"
#include "graft/layers.hpp"
#include "graft/plan/plan.hpp"
#include "graft/training/losses.hpp"

#include "transfer/heads/lbfgs.hpp"

namespace graft::transfer {

/// One Dense layer over some rows at once: the matrix products run on the same kernels as everything else.
struct LogisticSolver::Network {
  Network(std::int64_t rows, std::int64_t at_a_time, std::int64_t dimensions, std::int64_t classes)
      : input(Input({dimensions}, "features")),
        layer(layers::Dense({.units = classes, .kernel_initializer = "zeros", .name = "head"})),
        model(input, layer(input), "logistic_head"),
        whole(make(at_a_time, classes)),
        rest(rows % at_a_time == 0 ? std::nullopt : std::optional(make(rows % at_a_time, classes))) {}

  struct Part {
    plan::Plan plan;
    Tensor gradient;
  };
  [[nodiscard]] Part make(std::int64_t rows, std::int64_t classes) const {
    return {plan::Plan::lower(model, {.mode = plan::Mode::training, .batch_size = rows}),
            Tensor(Shape{rows, classes})};
  }
  [[nodiscard]] Part& part(std::int64_t rows) {
    return rest && rest->gradient.shape()[0] == rows ? *rest : whole;
  }

  SymbolicTensor input;
  Layer layer;
  Model model;
  Part whole;
  std::optional<Part> rest;
  LossPtr loss = SparseCategoricalCrossentropy({.from_logits = true});
};

namespace {

/// This many rows of some thousand features fit into the last-level cache.
constexpr std::int64_t kRowsAtATime = 2048;
constexpr std::size_t kScaleGrain = 16;  // rows

Tensor to_labels(std::span<const int> labels) {
  Tensor tensor(Shape{static_cast<std::int64_t>(labels.size())}, DType::int32);
  std::ranges::copy(labels, tensor.data<std::int32_t>().begin());
  return tensor;
}

}  // namespace

LogisticSolver::LogisticSolver(const Tensor& features, std::span<const int> labels, std::size_t classes)
    : features_(features), labels_(to_labels(labels)), classes_(classes) {
  if (features.shape().rank() != 2 || static_cast<std::size_t>(features.shape()[0]) != labels.size()) {
    fail(ErrorKind::shape_mismatch, "logistic head: expected features (N, D) for ", labels.size(),
         " labels, received ", features.shape());
  }
  prepare();
}

LogisticSolver::LogisticSolver(const Tensor& features, const Tensor& targets)
    : features_(features), targets_(targets), classes_(static_cast<std::size_t>(targets.shape()[-1])) {
  if (features.shape().rank() != 2 || targets.shape().rank() != 2 ||
      features.shape()[0] != targets.shape()[0]) {
    fail(ErrorKind::shape_mismatch, "logistic head: expected features (N, D) and targets (N, K), received ",
         features.shape(), " and ", targets.shape());
  }
  prepare();
}

void LogisticSolver::prepare() {
  const std::int64_t rows = features_.shape()[0];
  const auto dimensions = static_cast<std::size_t>(features_.shape()[1]);
  std::vector<double> sum(dimensions, 0.0);
  const std::span<const float> x = features_.data<float>();
  for (std::size_t at = 0; at < x.size(); at += dimensions) {
    for (std::size_t d = 0; d < dimensions; ++d) sum[d] += x[at + d];
  }
  for (const double s : sum) mean_.push_back(static_cast<float>(s / static_cast<double>(rows)));
  double square = 0;
  for (std::size_t at = 0; at < x.size(); at += dimensions) {
    for (std::size_t d = 0; d < dimensions; ++d) {
      const float centred = x[at + d] - mean_[d];
      square += static_cast<double>(centred) * centred;
    }
  }
  scale_ = static_cast<float>(1 / std::max(std::sqrt(square / static_cast<double>(x.size())), 1e-12));
  solution_.assign((dimensions + 1) * classes_, 0.0);
  const std::int64_t at_a_time = std::min(rows, kRowsAtATime);
  network_ =
      std::make_shared<Network>(rows, at_a_time, features_.shape()[1], static_cast<std::int64_t>(classes_));
  rows_ = Tensor({at_a_time, features_.shape()[1]});
  if (at_a_time == rows) rows_ = scaled(0, rows);
}

Tensor LogisticSolver::scaled(std::int64_t begin, std::int64_t end) {
  Tensor result = rows_.slice(0, end - begin);
  const std::size_t width = mean_.size();
  const float* from = features_.data<float>().data() + static_cast<std::size_t>(begin) * width;
  float* to = result.data<float>().data();
  const float* mean = mean_.data();
  const float scale = scale_;
  parallel_for(static_cast<std::size_t>(end - begin), kScaleGrain, [=](std::size_t first, std::size_t last) {
    for (std::size_t row = first; row < last; ++row) {
      for (std::size_t d = 0; d < width; ++d) to[row * width + d] = (from[row * width + d] - mean[d]) * scale;
    }
  });
  return result;
}

void LogisticSolver::weigh(std::span<const int> labels, std::span<const double> class_weights,
                           std::span<const float> row_weights) {
  row_weights_ = Tensor(labels_.shape());
  const std::span<float> weights = row_weights_.data<float>();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double of_class = class_weights.empty() ? 1 : class_weights[static_cast<std::size_t>(labels[i])];
    weights[i] = static_cast<float>(of_class) * (row_weights.empty() ? 1 : row_weights[i]);
  }
}

void LogisticSolver::weigh_labels(std::span<const double> positive_weights,
                                  std::span<const float> row_weights) {
  positive_weights_.assign(positive_weights.begin(), positive_weights.end());
  row_weights_ =
      row_weights.empty() ? Tensor() : Tensor(Shape{static_cast<std::int64_t>(row_weights.size())});
  if (!row_weights.empty()) std::ranges::copy(row_weights, row_weights_.data<float>().begin());
}

double LogisticSolver::loss_of(const Tensor& logits, std::int64_t begin, std::int64_t end,
                               Tensor& gradient) const {
  const Tensor weights = row_weights_.empty() ? Tensor() : row_weights_.slice(begin, end);
  if (targets_.empty())
    return network_->loss->compute({logits, labels_.slice(begin, end), weights, true}, &gradient);
  const auto z = logits.data<float>();
  const auto slope = gradient.data<float>();
  const Tensor some = targets_.slice(begin, end);
  const auto y = some.data<float>();
  const double rows = static_cast<double>(end - begin);
  double sum = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    double weight = y[i] == 1 && !positive_weights_.empty() ? positive_weights_[i % classes_] : 1;
    if (!weights.empty()) weight *= weights.data<float>()[i / classes_];
    const double score = z[i];
    sum += weight * (std::max(score, 0.0) - score * y[i] + std::log1p(std::exp(-std::abs(score))));
    slope[i] = static_cast<float>(weight * (1 / (1 + std::exp(-score)) - y[i]) / rows);
  }
  return sum / rows;
}

double LogisticSolver::evaluate(const std::vector<double>& x, std::vector<double>& gradient, double l2) {
  Network& net = *network_;
  const std::vector<VariablePtr> weights = net.model.trainable_weights();
  std::size_t at = 0;
  for (const VariablePtr& weight : weights) {
    for (float& value : weight->mutable_value().data<float>()) value = static_cast<float>(x[at++]);
  }
  const std::int64_t rows = features_.shape()[0];
  const std::int64_t at_a_time = rows_.shape()[0];
  std::ranges::fill(gradient, 0.0);
  double value = 0;
  for (std::int64_t begin = 0; begin < rows; begin += at_a_time) {
    const std::int64_t end = std::min(begin + at_a_time, rows);
    Network::Part& part = net.part(end - begin);
    part.plan.forward(at_a_time == rows ? rows_ : scaled(begin, end));
    const double share = static_cast<double>(end - begin) / static_cast<double>(rows);
    value += share * loss_of(part.plan.output(), begin, end, part.gradient);
    part.plan.backward(part.gradient);
    at = 0;
    for (const plan::Gradient& g : part.plan.gradients()) {
      for (const float slope : g.value.data<float>()) gradient[at++] += share * static_cast<double>(slope);
    }
  }
  // Without a head to stay near, the bias is not regularized.
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

Tensor head_logits(const LinearHead& head, const Tensor& features) {
  const auto classes = static_cast<std::size_t>(head.bias.count());
  const auto dimensions = static_cast<std::size_t>(head.kernel.shape()[0]);
  const std::int64_t rows = features.shape()[0];
  const auto x = features.data<float>();
  const auto w = head.kernel.data<float>();
  Tensor logits({rows, static_cast<std::int64_t>(classes)});
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
    const std::span<float> out = logits.data<float>().subspan(row * classes, classes);
    std::ranges::copy(head.bias.data<float>(), out.begin());
    for (std::size_t d = 0; d < dimensions; ++d) {
      const float value = x[row * dimensions + d];
      for (std::size_t k = 0; k < classes; ++k) out[k] += value * w[d * classes + k];
    }
  }
  return logits;
}

RowScores score_logits(const Tensor& logits, std::span<const int> labels) {
  const auto classes = static_cast<std::size_t>(logits.shape()[1]);
  RowScores scores;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const std::span<const float> of_row = logits.data<float>().subspan(row * classes, classes);
    const auto largest = std::ranges::max_element(of_row);
    double sum = 0;
    for (const float logit : of_row) sum += std::exp(static_cast<double>(logit) - *largest);
    const auto right = static_cast<std::size_t>(labels[row]);
    scores.losses.push_back(std::log(sum) + *largest - of_row[right]);
    scores.wrong.push_back(static_cast<std::size_t>(largest - of_row.begin()) == right ? 0 : 1);
  }
  return scores;
}

RowScores score_rows(const LinearHead& head, const Tensor& features, std::span<const int> labels) {
  return score_logits(head_logits(head, features), labels);
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
