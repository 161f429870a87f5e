// SPDX-License-Identifier: Apache-2.0
// Principal components by orthogonal iteration.
#pragma once

#include <cstddef>
#include <vector>

#include "graft/tensor.hpp"

namespace graft {
inline namespace inspect {

/// Rows less their mean.
class CentredRows {
 public:
  using Vector = std::vector<double>;

  /// rows: float32 (N, D), which must outlive this.
  explicit CentredRows(const Tensor& rows);
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(rows_.shape()[0]); }
  /// The rows times a vector.
  [[nodiscard]] Vector times(const Vector& v) const;
  /// The transposed rows times the same: rows^T (rows v).
  [[nodiscard]] Vector scatter(const Vector& v) const;
  /// Sum of all squares.
  [[nodiscard]] double variance() const;

 private:
  const Tensor& rows_;
  std::size_t width_;
  Vector mean_;
};

struct DirectionOptions {
  std::size_t wanted = 2;
  std::size_t extra = 2;  ///< computed too: the wanted ones converge sooner
  int most_steps = 500;   ///< fewer where the two largest have converged
};
/// Directions of largest variance, of length 1 and orthogonal, the largest first; 0 where there is no more
/// variance. The same on every run, whatever the number of threads.
[[nodiscard]] std::vector<CentredRows::Vector> principal_directions(const CentredRows& rows,
                                                                    const DirectionOptions& options = {});

[[nodiscard]] double product(const CentredRows::Vector& a, const CentredRows::Vector& b);

}  // namespace inspect
}  // namespace graft
