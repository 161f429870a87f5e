// SPDX-License-Identifier: Apache-2.0
#include "transfer/heads/lbfgs.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>

namespace graft::transfer {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

double largest(const Vector& v) {
  double most = 0;
  for (const double x : v) most = std::max(most, std::abs(x));
  return most;
}

/// One remembered step: change of x, change of the gradient.
struct Pair {
  Vector s, y;
  double rho = 0;
};

/// The direction -H g by the two-loop recursion.
Vector direction(const Vector& gradient, const std::deque<Pair>& pairs) {
  Vector q = gradient;
  std::vector<double> alpha(pairs.size());
  for (std::size_t i = pairs.size(); i-- > 0;) {
    alpha[i] = pairs[i].rho * dot(pairs[i].s, q);
    for (std::size_t k = 0; k < q.size(); ++k) q[k] -= alpha[i] * pairs[i].y[k];
  }
  if (!pairs.empty()) {
    const double scale = dot(pairs.back().s, pairs.back().y) / dot(pairs.back().y, pairs.back().y);
    for (double& x : q) x *= scale;
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const double beta = pairs[i].rho * dot(pairs[i].y, q);
    for (std::size_t k = 0; k < q.size(); ++k) q[k] += (alpha[i] - beta) * pairs[i].s[k];
  }
  for (double& x : q) x = -x;
  return q;
}

}  // namespace

LbfgsResult minimise(Vector& x, const std::function<double(const Vector&, Vector&)>& function,
                     const LbfgsOptions& options) {
  Vector gradient(x.size());
  Vector next(x.size());
  Vector next_gradient(x.size());
  LbfgsResult result{.value = function(x, gradient)};
  const double limit = options.tolerance * std::max(1.0, largest(gradient));
  std::deque<Pair> pairs;
  for (; result.iterations < options.max_iterations; ++result.iterations) {
    if (largest(gradient) <= limit) {
      result.converged = true;
      break;
    }
    const Vector step = direction(gradient, pairs);
    const double slope = dot(step, gradient);
    double length = pairs.empty() ? std::min(1.0, 1.0 / std::sqrt(dot(gradient, gradient))) : 1.0;
    double value = result.value;
    bool found = false;
    for (int attempt = 0; attempt < 30 && !found; ++attempt, length *= 0.5) {
      for (std::size_t k = 0; k < x.size(); ++k) next[k] = x[k] + length * step[k];
      value = function(next, next_gradient);
      found = std::isfinite(value) && value <= result.value + 1e-4 * length * slope;
    }
    if (!found) {  // the numbers' own noise: nothing below to be found
      result.converged = true;
      break;
    }
    Pair pair{Vector(x.size()), Vector(x.size()), 0};
    for (std::size_t k = 0; k < x.size(); ++k) {
      pair.s[k] = next[k] - x[k];
      pair.y[k] = next_gradient[k] - gradient[k];
    }
    const double curvature = dot(pair.s, pair.y);
    if (curvature > 1e-12) {
      pair.rho = 1 / curvature;
      pairs.push_back(std::move(pair));
      if (static_cast<int>(pairs.size()) > options.memory) pairs.pop_front();
    }
    x.swap(next);
    gradient.swap(next_gradient);
    result.value = value;
  }
  return result;
}

}  // namespace graft::transfer
