// SPDX-License-Identifier: Apache-2.0
#include "transfer/several/several_head.hpp"

#include <array>
#include <memory>

#include "transfer/measure/label_decisions.hpp"

namespace graft::transfer {
namespace {

constexpr std::array kSeveralStrengths = {1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001};
constexpr double kEnoughToCompare = 1e-4;  // the solver's tolerance

}  // namespace

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
