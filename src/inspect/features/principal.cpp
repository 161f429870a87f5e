// SPDX-License-Identifier: Apache-2.0
#include "inspect/features/principal.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"

namespace graft::inspect {
namespace {

using Vector = CentredRows::Vector;

constexpr double kConverged = 1e-12;

constexpr std::size_t kLanes = 16;  // sums side by side, which are vectors

/// Adds each product a[i] * b[i] to lane i % kLanes.
template <typename A>
[[gnu::always_inline]] inline void add_products(const A* a, const double* b, std::size_t count,
                                                double* lanes) {
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      lanes[lane] += static_cast<double>(a[i + lane]) * b[i + lane];
  }
  for (std::size_t lane = 0; i < count; ++i, ++lane) lanes[lane] += static_cast<double>(a[i]) * b[i];
}

GRAFT_CLONES void sum_floats(const float* a, const double* b, std::size_t count, double* lanes) {
  add_products(a, b, count, lanes);
}
GRAFT_CLONES void sum_doubles(const double* a, const double* b, std::size_t count, double* lanes) {
  add_products(a, b, count, lanes);
}

double sum_of_lanes(const std::array<double, kLanes>& lanes) {
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

double product_of(const float* a, const double* b, std::size_t count) {
  std::array<double, kLanes> lanes{};
  sum_floats(a, b, count, lanes.data());
  return sum_of_lanes(lanes);
}

/// out += factor x.
GRAFT_CLONES void add_scaled(const float* x, double factor, double* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out[i] += factor * static_cast<double>(x[i]);
}
GRAFT_CLONES void add_scaled_vector(const double* x, double factor, double* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out[i] += factor * x[i];
}

/// Makes the vectors orthogonal and of length 1, in order (Gram and Schmidt, twice). A vector without a part
/// of its own becomes 0.
void orthonormalise(std::vector<Vector>& vectors) {
  for (std::size_t k = 0; k < vectors.size(); ++k) {
    const double before = std::sqrt(product(vectors[k], vectors[k]));
    for (std::size_t other = 0; other < 2 * k; ++other) {
      const Vector& against = vectors[other % k];
      const double part = product(vectors[k], against);
      add_scaled_vector(against.data(), -part, vectors[k].data(), against.size());
    }
    const double length = std::sqrt(product(vectors[k], vectors[k]));
    const bool own = length > before * 1e-12;
    for (double& value : vectors[k]) value = own ? value / length : 0;
  }
}

}  // namespace

double product(const Vector& a, const Vector& b) {
  std::array<double, kLanes> lanes{};
  sum_doubles(a.data(), b.data(), a.size(), lanes.data());
  return sum_of_lanes(lanes);
}

CentredRows::CentredRows(const Tensor& rows)
    : rows_(rows), width_(static_cast<std::size_t>(rows.shape()[1])), mean_(width_, 0.0) {
  for (std::size_t row = 0; row < count(); ++row) {
    const float* const values = &rows.data()[row * width_];
    for (std::size_t i = 0; i < width_; ++i)
      mean_[i] += static_cast<double>(values[i]) / static_cast<double>(count());
  }
}

Vector CentredRows::times(const Vector& v) const {
  const double at_mean = product(mean_, v);
  Vector result(count());
  for (std::size_t row = 0; row < result.size(); ++row)
    result[row] = product_of(&rows_.data()[row * width_], v.data(), width_) - at_mean;
  return result;
}

Vector CentredRows::scatter(const Vector& v) const {
  const Vector along = times(v);
  Vector result(width_, 0.0);
  double total = 0;
  for (std::size_t row = 0; row < along.size(); ++row) {
    const float* const values = &rows_.data()[row * width_];
    add_scaled(values, along[row], result.data(), width_);
    total += along[row];
  }
  for (std::size_t i = 0; i < width_; ++i) result[i] -= total * mean_[i];
  return result;
}

double CentredRows::variance() const {
  double sum = 0;
  for (std::size_t row = 0; row < count(); ++row) {
    const float* const values = &rows_.data()[row * width_];
    for (std::size_t i = 0; i < width_; ++i) {
      const double d = static_cast<double>(values[i]) - mean_[i];
      sum += d * d;
    }
  }
  return sum;
}

std::vector<Vector> principal_directions(const CentredRows& rows, const DirectionOptions& options) {
  std::vector<Vector> directions(std::min(options.wanted + options.extra, rows.width()),
                                 Vector(rows.width()));
  for (std::size_t k = 0; k < directions.size(); ++k) {
    for (std::size_t i = 0; i < rows.width(); ++i)
      directions[k][i] = std::cos(static_cast<double>((k + 1) * (i + 1)));  // any start that is not special
  }
  orthonormalise(directions);
  for (int step = 0; step < options.most_steps; ++step) {
    std::vector<Vector> next(directions.size());
    parallel_for(next.size(), 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t k = begin; k < end; ++k) next[k] = rows.scatter(directions[k]);
    });
    orthonormalise(next);
    double moved = 0;
    for (std::size_t k = 0; k < std::min<std::size_t>(2, next.size()); ++k)
      moved = std::max(moved, 1 - std::abs(product(next[k], directions[k])));
    directions = std::move(next);
    if (moved < kConverged) break;
  }
  directions.resize(std::min(options.wanted, directions.size()));
  return directions;
}

}  // namespace graft::inspect
