// SPDX-License-Identifier: Apache-2.0
#include "transfer/heads/rbf_svm.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include <libsvm/svm.h>

#include "graft/base/fail.hpp"

namespace graft::transfer {
namespace {

constexpr double kCacheMegabytes = 200, kSvmTolerance = 1e-3;

struct FreeSvmModel {
  void operator()(svm_model* trained) const { svm_free_and_destroy_model(&trained); }
};

/// Training rows in libsvm's form, sorted by class, because libsvm numbers classes as they come.
struct Nodes {
  std::vector<std::size_t> order;  ///< order[i]: index of the i-th row in the input
  std::vector<svm_node> nodes;
  std::vector<svm_node*> starts;
  std::vector<double> y;

  Nodes(std::span<const int> labels, std::size_t width) : order(labels.size()) {
    if (width > kMostSolverNumbers / std::max<std::size_t>(labels.size(), 1)) {
      fail(ErrorKind::resource_limit, "RBF SVM: ", labels.size(),
           " photos need more memory than is sensible; use the head logistic or linear_svm, or fewer photos");
    }
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return labels[i]; });
    nodes.resize(labels.size() * width);
    for (std::size_t i = 0; i < order.size(); ++i) {
      starts.push_back(nodes.data() + i * width);
      y.push_back(labels[order[i]]);
    }
  }
};

struct Setting {
  int kernel = RBF;
  RbfOptions options;
  std::vector<double> weights;
};

RbfMachines read(const svm_model& trained, const Nodes& nodes, const Setting& setting) {
  const auto classes = static_cast<std::size_t>(trained.nr_class);
  const auto count = static_cast<std::size_t>(trained.l);
  RbfMachines machines{.classes = classes, .gamma = setting.options.gamma};
  for (std::size_t s = 0; s < count; ++s)
    machines.support.push_back(nodes.order[static_cast<std::size_t>(trained.sv_indices[s] - 1)]);
  std::vector<std::size_t> first{0};  // of each class's support rows
  for (std::size_t k = 0; k < classes; ++k)
    first.push_back(first.back() + static_cast<std::size_t>(trained.nSV[k]));
  for (std::size_t a = 0; a < classes; ++a) {
    for (std::size_t b = a + 1; b < classes; ++b) {
      std::vector<double> coefficients(count, 0.0);
      for (std::size_t s = first[a]; s < first[a + 1]; ++s) coefficients[s] = trained.sv_coef[b - 1][s];
      for (std::size_t s = first[b]; s < first[b + 1]; ++s) coefficients[s] = trained.sv_coef[a][s];
      machines.constants.push_back(-trained.rho[machines.coefficients.size()]);
      machines.coefficients.push_back(std::move(coefficients));
    }
  }
  return machines;
}

RbfMachines solve(Nodes& nodes, Setting setting) {
  svm_set_print_string_function(print_nothing);
  std::vector<int> classes(setting.weights.size());
  std::iota(classes.begin(), classes.end(), 0);
  svm_parameter parameter{};
  parameter.svm_type = C_SVC;
  parameter.kernel_type = setting.kernel;
  parameter.gamma = setting.options.gamma;
  parameter.cache_size = kCacheMegabytes;
  parameter.eps = kSvmTolerance;
  parameter.C = setting.options.c;
  parameter.nr_weight = static_cast<int>(classes.size());
  parameter.weight_label = classes.data();
  parameter.weight = setting.weights.data();
  parameter.shrinking = 1;
  const svm_problem problem{
      .l = static_cast<int>(nodes.starts.size()), .y = nodes.y.data(), .x = nodes.starts.data()};
  const std::unique_ptr<svm_model, FreeSvmModel> trained(svm_train(&problem, &parameter));
  return read(*trained, nodes, setting);
}

}  // namespace

RbfMachines solve_rbf_svm(const LabelledRows& rows, const RbfOptions& options) {
  const auto dimensions = static_cast<std::size_t>(rows.features.shape()[1]);
  Nodes nodes(rows.labels, dimensions + 1);
  const std::span<const float> values = rows.features.data<float>();
  for (std::size_t i = 0; i < nodes.order.size(); ++i) {
    const std::span<const float> row = values.subspan(nodes.order[i] * dimensions, dimensions);
    for (std::size_t d = 0; d < dimensions; ++d)
      nodes.starts[i][d] = {static_cast<int>(d + 1), static_cast<double>(row[d])};
    nodes.starts[i][dimensions] = {-1, 0.0};
  }
  return solve(nodes, {.kernel = RBF, .options = options, .weights = rows.weights});
}

RbfMachines solve_rbf_svm(const KnownDistances& known, const RbfOptions& options) {
  // libsvm's form: the row's number first, then its kernel value with each row.
  const std::size_t count = known.rows.size();
  Nodes nodes(known.labels, count + 2);
  for (std::size_t i = 0; i < count; ++i) {
    nodes.starts[i][0] = {0, static_cast<double>(i + 1)};
    const std::span<const double> distances = known.distances.row(known.rows[nodes.order[i]]);
    for (std::size_t j = 0; j < count; ++j) {
      nodes.starts[i][j + 1] = {static_cast<int>(j + 1),
                                std::exp(-options.gamma * distances[known.rows[nodes.order[j]]])};
    }
    nodes.starts[i][count + 1] = {-1, 0.0};
  }
  return solve(nodes, {.kernel = PRECOMPUTED, .options = options, .weights = known.weights});
}

int vote(const RbfMachines& machines, std::span<const double> distances) {
  std::vector<double> kernel;
  for (const double distance : distances) kernel.push_back(std::exp(-machines.gamma * distance));
  std::vector<int> votes(machines.classes, 0);
  std::size_t pair = 0;
  for (std::size_t a = 0; a < machines.classes; ++a) {
    for (std::size_t b = a + 1; b < machines.classes; ++b, ++pair) {
      const std::vector<double>& coefficients = machines.coefficients[pair];
      const double value =
          std::inner_product(kernel.begin(), kernel.end(), coefficients.begin(), machines.constants[pair]);
      ++votes[value > 0 ? a : b];
    }
  }
  return static_cast<int>(std::ranges::max_element(votes) - votes.begin());
}

}  // namespace graft::transfer
