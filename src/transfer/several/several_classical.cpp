// SPDX-License-Identifier: Apache-2.0
#include "transfer/several/several_classical.hpp"

#include <array>
#include <memory>

#include "transfer/fine_tune/tail_goal.hpp"
#include "transfer/heads/linear_svm.hpp"

namespace graft::transfer {
namespace {

// Those of search_heads(), the strongest first.
constexpr std::array kLabelLogisticStrengths = {0.01, 0.1, 1.0, 10.0, 100.0};
constexpr std::array kLabelSvmStrengths = {0.001, 0.01, 0.1, 1.0};

/// How exactly the solvers end: to choose by, and for the model.
struct LabelTolerance {
  double logistic, svm;
};
constexpr LabelTolerance kToChoose{1e-4, 1e-3}, kForTheModel{1e-8, 1e-4};

SolveHead label_solver(const FrozenRows& rows, HeadKind kind, const std::vector<double>& positive_weights,
                       const LabelTolerance& tolerance) {
  if (kind == HeadKind::linear_svm) {
    return [rows, positive_weights, tolerance](double c) {
      return solve_label_svms(
          {.features = rows.features, .truth = rows.truth, .positive_weights = positive_weights}, c,
          tolerance.svm);
    };
  }
  const auto solver = std::make_shared<LogisticSolver>(rows.features, rows.truth);
  solver->weigh_labels(positive_weights, rows.weights);
  // scikit-learn minimises C sum(loss) + |w|^2 / 2 on the features as they are; this solver mean(loss) +
  // l2 |w|^2 / 2 on scaled ones.
  const double of_one = solver->scale() * solver->scale() / static_cast<double>(rows.truth.shape()[0]);
  return [solver, of_one, tolerance](double c) { return solver->solve(of_one / c, tolerance.logistic); };
}

/// Labels that are given or left out wrongly where the value 0 decides.
double wrong_labels(const Tensor& values, const Tensor& truth) {
  double wrong = 0;
  for (std::size_t at = 0; at < truth.data<float>().size(); ++at)
    wrong += (values.data<float>()[at] > 0) != (truth.data<float>()[at] == 1) ? 1 : 0;
  return wrong;
}

}  // namespace

bool has_label_machines(HeadKind kind) { return kind == HeadKind::logistic || kind == HeadKind::linear_svm; }

std::vector<double> label_strengths(HeadKind kind, std::optional<double> fixed) {
  if (fixed) return {*fixed};
  if (kind == HeadKind::linear_svm) return {kLabelSvmStrengths.begin(), kLabelSvmStrengths.end()};
  return {kLabelLogisticStrengths.begin(), kLabelLogisticStrengths.end()};
}

HeadMethod label_head_method(HeadKind kind, std::span<const double> strengths,
                             const std::vector<double>& positive_weights) {
  return {.strengths = strengths,
          .prepare =
              [kind, positive_weights](const FrozenRows& rows) {
                return label_solver(rows, kind, positive_weights, kToChoose);
              },
          .loss = [](const Tensor& values,
                     const Tensor& truth) { return several_labels_goal().judge(values, truth, {}); },
          .errors = wrong_labels};
}

LinearHead solve_label_head_on_all(const FrozenData& data, HeadKind kind,
                                   const std::vector<double>& positive_weights, double c) {
  return label_solver(all_rows(data), kind, positive_weights, kForTheModel)(c);
}

}  // namespace graft::transfer
