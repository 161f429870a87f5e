// SPDX-License-Identifier: Apache-2.0
// liblinear, which only linear_svm.cpp includes.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "graft/transfer/logistic_head.hpp"

namespace graft {
inline namespace transfer {

/// Rows with their classes, as a solver accepts them.
struct LabelledRows {
  const Tensor& features;       ///< float32 (N, D)
  std::span<const int> labels;  ///< each class from 0 to the largest is there
  std::vector<double> weights;  ///< of each class
};

/// Maximum count of numbers for a solver: it keeps 16 bytes of each, and more than 4 GB of them is a
/// mistake.
inline constexpr std::size_t kMostSolverNumbers = std::size_t{1} << 28;
/// For liblinear and libsvm, which would print.
inline void print_nothing(const char*) {}

/// One class against the rest: minimises |w|^2 / 2 + bias^2 / 2 + c sum max(0, 1 - y (w x + bias))^2, as
/// scikit-learn's LinearSVC. With more than two classes a class's weight counts for its own rows, not for
/// those of the rest, as there. Of two classes one machine is trained, and the other is its negative.
/// tolerance: liblinear's. With fewer rows than features the dual is solved, else the primal; deterministic.
[[nodiscard]] LinearHead solve_linear_svm(const LabelledRows& given, double c, double tolerance);

/// Rows that may have several labels each.
struct RowsOfLabels {
  const Tensor& features;                    ///< float32 (N, D)
  const Tensor& truth;                       ///< float32 (N, K): 1 for each label of a row, else 0
  std::span<const double> positive_weights;  ///< what rows that have a label count, one a label; empty: 1
};
/// Such a machine for each label: of having it, as scikit-learn's OneVsRestClassifier(LinearSVC()). A label
/// that no row has, or all have, gets weights of 0 and a bias of -1 or 1.
[[nodiscard]] LinearHead solve_label_svms(const RowsOfLabels& given, double c, double tolerance);

}  // namespace transfer
}  // namespace graft
