// SPDX-License-Identifier: Apache-2.0
// libsvm, which only rbf_svm.cpp includes.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "transfer/heads/distances.hpp"
#include "transfer/heads/linear_svm.hpp"

namespace graft {
inline namespace transfer {

/// A machine for each pair of classes a < b, in the order (0,1), (0,2), ..., (1,2), ...: its decision value
/// is sum over the support rows s of coefficient[s] exp(-gamma |x - s|^2) + constant; above 0 it votes for a,
/// else for b.
struct RbfMachines {
  std::size_t classes = 0;
  double gamma = 1;
  std::vector<std::size_t> support;               ///< rows of the training features
  std::vector<std::vector<double>> coefficients;  ///< [pair][support row]
  std::vector<double> constants;                  ///< [pair]
};

struct RbfOptions {
  double c = 1;
  double gamma = 1;
};

/// As scikit-learn's SVC(kernel="rbf"): C-SVC, tolerance 1e-3, shrinking.
[[nodiscard]] RbfMachines solve_rbf_svm(const LabelledRows& rows, const RbfOptions& options);

/// The same from the rows' squared distances (N rows of N), where several are solved on the same rows.
struct KnownDistances {
  const Table& distances;             ///< between all rows that there are
  std::span<const std::size_t> rows;  ///< those to train on
  std::span<const int> labels;        ///< of those
  std::vector<double> weights;        ///< of each class
};
[[nodiscard]] RbfMachines solve_rbf_svm(const KnownDistances& known, const RbfOptions& options);

/// The class with the most votes, of equal ones the first; distances: squared, to each support row.
[[nodiscard]] int vote(const RbfMachines& machines, std::span<const double> distances);

}  // namespace transfer
}  // namespace graft
