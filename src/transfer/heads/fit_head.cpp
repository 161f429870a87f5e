// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "graft/base/fail.hpp"

#include "transfer/features/rows.hpp"
#include "transfer/heads/head_state.hpp"

namespace graft::transfer {
namespace {

// liblinear's; its own default, 0.01, moves predictions near the border.
constexpr double kTolerance = 1e-4, kRoughTolerance = 1e-3;

LinearHead fit_logistic(const LabelledRows& rows, double c) {
  LogisticSolver solver(rows.features, rows.labels, rows.weights.size());
  solver.weigh(rows.labels, rows.weights);
  // scikit-learn minimises c sum(loss) + |W|^2 / 2 on the features as they are; this solver mean(loss) +
  // l2 |W|^2 / 2 on scaled ones. Of two classes scikit-learn has one row of W, the difference of these two.
  const double one_row = rows.weights.size() == 2 ? 2 : 1;
  constexpr double kExact = 1e-8;
  return solver.solve(
      one_row * solver.scale() * solver.scale() / (c * static_cast<double>(rows.labels.size())), kExact);
}

/// Means of rows: of all, and of each class.
struct Means {
  std::vector<double> all;      ///< (D)
  std::vector<double> classes;  ///< (K, D), each from the mean of all
};

Means means_of(const LabelledRows& rows) {
  const auto classes = rows.weights.size();
  const auto width = static_cast<std::size_t>(rows.features.shape()[1]);
  Means means{.all = std::vector<double>(width, 0.0), .classes = std::vector<double>(classes * width, 0.0)};
  std::vector<double> counts(classes, 0.0);
  const std::span<const float> values = rows.features.data<float>();
  for (std::size_t i = 0; i < rows.labels.size(); ++i) {
    const auto k = static_cast<std::size_t>(rows.labels[i]);
    ++counts[k];
    for (std::size_t d = 0; d < width; ++d)
      means.classes[k * width + d] += static_cast<double>(values[i * width + d]);
  }
  const auto count = static_cast<double>(rows.labels.size());
  for (std::size_t d = 0; d < width; ++d) {
    for (std::size_t k = 0; k < classes; ++k) means.all[d] += means.classes[k * width + d] / count;
    for (std::size_t k = 0; k < classes; ++k)
      means.classes[k * width + d] = means.classes[k * width + d] / counts[k] - means.all[d];
  }
  return means;
}

/// The mean squared distance of a row to the mean of all.
double variance_of(const LabelledRows& rows, const std::vector<double>& mean) {
  double sum = 0;
  const std::span<const float> values = rows.features.data<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double away = static_cast<double>(values[i]) - mean[i % mean.size()];
    sum += away * away;
  }
  return sum / static_cast<double>(rows.labels.size());
}

/// Minus the squared distances to the class means, but for what all classes share, in units of the rows' own
/// spread: which is nearest does not change by that, and scores are of the same size whatever the features
/// are. Around the mean of all, so that what the classes have in common costs no digits.
LinearHead fit_centroid(const LabelledRows& rows) {
  const auto classes = rows.weights.size();
  const auto width = static_cast<std::size_t>(rows.features.shape()[1]);
  const Means means = means_of(rows);
  const double spread = variance_of(rows, means.all);
  const double unit = spread > 0 ? spread : 1;
  LinearHead head{Tensor(Shape{rows.features.shape()[1], static_cast<std::int64_t>(classes)}),
                  Tensor(Shape{static_cast<std::int64_t>(classes)})};
  for (std::size_t k = 0; k < classes; ++k) {
    double bias = 0;
    for (std::size_t d = 0; d < width; ++d) {
      const double centre = means.classes[k * width + d];
      bias -= centre * (centre + 2 * means.all[d]);
      head.kernel.data<float>()[d * classes + k] = static_cast<float>(2 * centre / unit);
    }
    head.bias.data<float>()[k] = static_cast<float>(bias / unit);
  }
  return head;
}

std::vector<std::size_t> count_labels(std::span<const int> labels, std::size_t classes) {
  std::vector<std::size_t> counts(classes, 0);
  for (const int label : labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

}  // namespace

std::size_t check_rows(const Tensor& features, std::span<const int> labels) {
  if (features.shape().rank() != 2 || features.dtype() != DType::float32 || features.shape()[1] < 1 ||
      static_cast<std::size_t>(features.shape()[0]) != labels.size()) {
    fail(ErrorKind::shape_mismatch, "head: expected features float32 (N, D) for ", labels.size(),
         " labels, received ", to_string(features.dtype()), " ", features.shape());
  }
  const int largest = labels.empty() ? -1 : *std::ranges::max_element(labels);
  if (largest < 1 || *std::ranges::min_element(labels) < 0 ||
      static_cast<std::size_t>(largest) >= labels.size()) {
    fail(ErrorKind::invalid_argument, "head: expected labels of two classes or more, 0 and up without gaps");
  }
  const auto classes = static_cast<std::size_t>(largest) + 1;
  const std::vector<std::size_t> counts = count_labels(labels, classes);
  const auto gap = std::ranges::find(counts, std::size_t{0});
  if (gap != counts.end())
    fail(ErrorKind::invalid_argument, "head: there is no row of class ", gap - counts.begin());
  if (!std::ranges::all_of(features.data<float>(), [](float value) { return std::isfinite(value); }))
    fail(ErrorKind::numeric, "head: a feature is infinite or no number");
  return classes;
}

void check_options(const HeadOptions& options) {
  const auto check = [](const char* name, double value) {
    if (!(value > 0) || !std::isfinite(value))
      fail(ErrorKind::invalid_argument, "head: ", name, ": expected a number above 0, received ", value);
  };
  check("C", options.c);
  if (options.gamma) check("gamma", *options.gamma);
  check("neighbours", static_cast<double>(options.neighbours));
}

double gamma_scale(const Tensor& features) {
  const std::span<const float> values = features.data<float>();
  const auto count = static_cast<double>(values.size());
  double mean = 0;
  for (const float value : values) mean += static_cast<double>(value) / count;
  double variance = 0;
  for (const float value : values) {
    const double difference = static_cast<double>(value) - mean;
    variance += difference * difference / count;
  }
  return variance > 0 ? 1 / (static_cast<double>(features.shape()[1]) * variance) : 1;
}

LinearHead fit_linear(const LabelledRows& rows, const HeadOptions& options, Accuracy accuracy) {
  switch (options.kind) {
    case HeadKind::linear_svm:
      return solve_linear_svm(rows, options.c, accuracy == Accuracy::full ? kTolerance : kRoughTolerance);
    case HeadKind::centroid:
      return fit_centroid(rows);
    default:
      return fit_logistic(rows, options.c);
  }
}

int nearest_class(std::span<const double> distances, std::span<const int> labels, std::size_t neighbours) {
  std::vector<std::size_t> order(distances.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto wanted = static_cast<std::ptrdiff_t>(std::min(neighbours, order.size()));
  std::ranges::partial_sort(order, order.begin() + wanted, {},
                            [&](std::size_t i) { return std::pair(distances[i], i); });
  std::vector<int> votes(static_cast<std::size_t>(*std::ranges::max_element(labels)) + 1, 0);
  for (std::ptrdiff_t i = 0; i < wanted; ++i)
    ++votes[static_cast<std::size_t>(labels[order[static_cast<std::size_t>(i)]])];
  return static_cast<int>(std::ranges::max_element(votes) - votes.begin());
}

Head fit_head(const Tensor& features, std::span<const int> labels, const HeadOptions& options) {
  check_options(options);
  const std::size_t classes = check_rows(features, labels);
  auto state = std::make_shared<Head::State>();
  state->kind = options.kind;
  state->dimensions = features.shape()[1];
  state->classes = static_cast<std::int64_t>(classes);
  const LabelledRows rows{.features = features,
                          .labels = labels,
                          .weights = class_weights_of(labels, classes, options.class_weight)};
  if (options.kind == HeadKind::knn) {
    state->parts = NeighbourHead{.rows = features,
                                 .labels = {labels.begin(), labels.end()},
                                 .neighbours = std::min(options.neighbours, features.shape()[0])};
  } else if (options.kind == HeadKind::rbf_svm) {
    const double gamma = options.gamma ? *options.gamma : gamma_scale(features);
    RbfMachines machines = solve_rbf_svm(rows, {.c = options.c, .gamma = gamma});
    Tensor support = take_rows(features, machines.support);
    state->parts = RbfHead{.support = std::move(support), .machines = std::move(machines)};
  } else {
    state->parts = fit_linear(rows, options);
  }
  return Head(std::move(state));
}

}  // namespace graft::transfer
