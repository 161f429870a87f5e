// SPDX-License-Identifier: Apache-2.0
// Ridge regression on features, in closed form.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "graft/tensor.hpp"
#include "graft/transfer/logistic_head.hpp"

namespace graft {
inline namespace transfer {

/// Minimises, for each number by itself,
///   sum over the rows of weight (truth - x w - b)^2 + alpha |w|^2
/// as scikit-learn's Ridge does: b is not held back, and the features are taken as they are. With fewer rows
/// than features the equations of the rows are solved, else those of the features, in float64 by Cholesky's
/// factorisation. The result does not depend on the number of threads.
class RidgeSolver {
 public:
  /// features: float32 (N, D); truth: float32 (N, K); weights: one a row, not all 0; empty: 1. Errors:
  /// Error{invalid_argument} for no rows.
  RidgeSolver(const Tensor& features, const Tensor& truth, std::span<const float> weights = {});

  /// The head of an alpha above 0.
  [[nodiscard]] LinearHead solve(double alpha) const;
  /// Mean eigenvalue of the equations' matrix: alphas in units of it suit networks and rows of any number.
  [[nodiscard]] double unit() const { return unit_; }

 private:
  void centre(const Tensor& features, const Tensor& truth);
  void make_matrix(const Tensor& features);
  /// Rows [begin, end) centred, and multiplied by the roots of their weights.
  [[nodiscard]] std::vector<double> scaled_rows(const Tensor& features, std::size_t begin,
                                                std::size_t end) const;

  std::size_t rows_ = 0, columns_ = 0, numbers_ = 0;
  bool by_rows_ = false;         ///< the matrix is that of the rows
  std::vector<double> roots_;    ///< of the weights, one a row
  std::vector<double> means_;    ///< of the features, weighted
  std::vector<double> centres_;  ///< of the numbers, weighted
  std::vector<double> truth_;    ///< (N, K) centred, times roots_
  std::vector<double> scaled_;   ///< by_rows_: the features, as scaled_rows()
  std::vector<double> matrix_;   ///< the lower triangle, row by row in whole rows
  std::vector<double> right_;    ///< (size, K)
  double unit_ = 1;
};

/// Cholesky's factor of a positive definite matrix (size, size), of which the lower triangle is read, in its
/// place; right: (size, width), becomes the solution.
void solve_positive(std::vector<double>& matrix, std::vector<double>& right, std::size_t width);

}  // namespace transfer
}  // namespace graft
