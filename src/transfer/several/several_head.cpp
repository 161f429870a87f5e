// SPDX-License-Identifier: Apache-2.0
#include "transfer/several/several_head.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

namespace graft::transfer {
namespace {

constexpr std::array kSeveralStrengths = {1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001};
constexpr double kEnoughToCompare = 1e-4;  // the solver's tolerance

}  // namespace

double several_loss(const Tensor& logits, const Tensor& truth) {
  const auto z = logits.data<float>();
  const auto y = truth.data<float>();
  double sum = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double score = z[i];
    sum += std::max(score, 0.0) - score * y[i] + std::log1p(std::exp(-std::abs(score)));
  }
  return sum / static_cast<double>(std::max<std::size_t>(z.size(), 1));
}

Tensor sigmoid_of(const Tensor& logits) {
  Tensor result = logits.clone();
  for (float& value : result.data<float>())
    value = static_cast<float>(1 / (1 + std::exp(-static_cast<double>(value))));
  return result;
}

HeadMethod several_method(const std::vector<double>& positive_weights) {
  return {.strengths = kSeveralStrengths,
          .prepare = [positive_weights](const FrozenRows& rows) -> SolveHead {
            const auto solver = std::make_shared<LogisticSolver>(rows.features, rows.truth);
            solver->weigh_labels(positive_weights, rows.weights);
            return [solver](double l2) { return solver->solve(l2, kEnoughToCompare); };
          },
          .loss = several_loss};
}

LinearHead solve_several_on_all(const FrozenData& data, const std::vector<double>& positive_weights,
                                double l2) {
  const FrozenRows rows = all_rows(data);
  LogisticSolver solver(rows.features, rows.truth);
  solver.weigh_labels(positive_weights, rows.weights);
  return solver.solve(l2);
}

}  // namespace graft::transfer
