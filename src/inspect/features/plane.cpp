// SPDX-License-Identifier: Apache-2.0
// Two principal components by orthogonal iteration.
#include <algorithm>
#include <cmath>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/classify/neighbours.hpp"
#include "graft/inspect.hpp"

namespace graft::inspect {
namespace {

using Vector = std::vector<double>;

constexpr int kMostSteps = 500;
constexpr double kConverged = 1e-12;
constexpr std::size_t kDirections = 4;  // more than are wanted: the wanted ones converge sooner

double product(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Rows less their mean.
class CentredRows {
 public:
  explicit CentredRows(const Tensor& rows)
      : rows_(rows), width_(static_cast<std::size_t>(rows.shape()[1])), mean_(width_, 0.0) {
    for (std::size_t i = 0; i < rows.data().size(); ++i)
      mean_[i % width_] += static_cast<double>(rows.data()[i]) / static_cast<double>(rows.shape()[0]);
  }
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(rows_.shape()[0]); }

  /// The rows times a vector.
  [[nodiscard]] Vector times(const Vector& v) const {
    const double at_mean = product(mean_, v);
    Vector result(count());
    for (std::size_t row = 0; row < result.size(); ++row) {
      const auto values = rows_.data().subspan(row * width_, width_);
      double sum = 0;
      for (std::size_t i = 0; i < width_; ++i) sum += static_cast<double>(values[i]) * v[i];
      result[row] = sum - at_mean;
    }
    return result;
  }
  /// The transposed rows times the same: rows^T (rows v).
  [[nodiscard]] Vector scatter(const Vector& v) const {
    const Vector along = times(v);
    Vector result(width_, 0.0);
    double total = 0;
    for (std::size_t row = 0; row < along.size(); ++row) {
      const auto values = rows_.data().subspan(row * width_, width_);
      for (std::size_t i = 0; i < width_; ++i) result[i] += along[row] * static_cast<double>(values[i]);
      total += along[row];
    }
    for (std::size_t i = 0; i < width_; ++i) result[i] -= total * mean_[i];
    return result;
  }
  /// Sum of all squares.
  [[nodiscard]] double variance() const {
    double sum = 0;
    for (std::size_t i = 0; i < rows_.data().size(); ++i) {
      const double d = static_cast<double>(rows_.data()[i]) - mean_[i % width_];
      sum += d * d;
    }
    return sum;
  }

 private:
  const Tensor& rows_;
  std::size_t width_;
  Vector mean_;
};

/// Makes the vectors orthogonal and of length 1, in order (Gram and Schmidt, twice). A vector without a part
/// of its own becomes 0.
void orthonormalise(std::vector<Vector>& vectors) {
  for (std::size_t k = 0; k < vectors.size(); ++k) {
    const double before = std::sqrt(product(vectors[k], vectors[k]));
    for (std::size_t other = 0; other < 2 * k; ++other) {
      const Vector& against = vectors[other % k];
      const double part = product(vectors[k], against);
      for (std::size_t i = 0; i < against.size(); ++i) vectors[k][i] -= part * against[i];
    }
    const double length = std::sqrt(product(vectors[k], vectors[k]));
    const bool own = length > before * 1e-12;
    for (double& value : vectors[k]) value = own ? value / length : 0;
  }
}

std::vector<Vector> principal_directions(const CentredRows& rows) {
  std::vector<Vector> directions(std::min(kDirections, rows.width()), Vector(rows.width()));
  for (std::size_t k = 0; k < directions.size(); ++k) {
    for (std::size_t i = 0; i < rows.width(); ++i)
      directions[k][i] = std::cos(static_cast<double>((k + 1) * (i + 1)));  // any start that is not special
  }
  orthonormalise(directions);
  for (int step = 0; step < kMostSteps; ++step) {
    std::vector<Vector> next;
    next.reserve(directions.size());
    for (const Vector& direction : directions) next.push_back(rows.scatter(direction));
    orthonormalise(next);
    double moved = 0;
    for (std::size_t k = 0; k < std::min<std::size_t>(2, next.size()); ++k)
      moved = std::max(moved, 1 - std::abs(product(next[k], directions[k])));
    directions = std::move(next);
    if (moved < kConverged) break;
  }
  directions.resize(std::min<std::size_t>(2, directions.size()));
  return directions;
}

}  // namespace

FeaturePlane principal_plane(const Tensor& rows) {
  if (rows.shape().rank() != 2) {
    fail(ErrorKind::shape_mismatch, "map: expected rows (N, D), received ", rows.shape());
  }
  FeaturePlane plane;
  plane.points.resize(static_cast<std::size_t>(rows.shape()[0]));
  if (rows.empty()) return plane;
  const Tensor unit = classify::unit_rows(rows);
  const CentredRows centred(unit);
  const double variance = centred.variance();
  const std::vector<Vector> directions = principal_directions(centred);
  for (std::size_t k = 0; k < directions.size(); ++k) {
    const Vector along = centred.times(directions[k]);
    const auto farthest = std::ranges::max_element(along, {}, [](double value) { return std::abs(value); });
    const double sign = *farthest < 0 ? -1 : 1;
    for (std::size_t row = 0; row < along.size(); ++row) plane.points[row][k] = sign * along[row];
    plane.explained[k] = variance > 0 ? product(along, along) / variance : 0;
  }
  return plane;
}

}  // namespace graft::inspect
