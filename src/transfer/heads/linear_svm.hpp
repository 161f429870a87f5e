// SPDX-License-Identifier: Apache-2.0
// liblinear, which is included by linear_svm.cpp alone.
#pragma once

#include <span>
#include <vector>

#include "graft/transfer/logistic_head.hpp"

namespace graft::transfer {

/// Rows with their classes, as a solver takes them.
struct LabelledRows {
  const Tensor& features;       ///< float32 (N, D)
  std::span<const int> labels;  ///< each class from 0 to the largest is there
  std::vector<double> weights;  ///< of each class
};

/// One class against the rest: minimises |w|^2 / 2 + bias^2 / 2 + c sum max(0, 1 - y (w x + bias))^2, as
/// scikit-learn's LinearSVC. With more than two classes a class's weight counts for its own rows, not for
/// those of the rest, as there. Of two classes one machine is trained, and the other is its negative.
/// tolerance: liblinear's. With fewer rows than features the dual is solved, else the primal; deterministic.
[[nodiscard]] LinearHead solve_linear_svm(const LabelledRows& rows, double c, double tolerance);

}  // namespace graft::transfer
