// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

namespace graft {
inline namespace transfer {

struct LbfgsOptions {
  int max_iterations = 200;
  int memory = 10;  ///< pairs of steps remembered
  double tolerance =
      1e-5;  ///< ends when no gradient component is larger than this times max(1, |first gradient|)
};

struct LbfgsResult {
  double value = 0;
  int iterations = 0;
  bool converged = false;
};

/// Minimises a smooth convex function by limited-memory BFGS (Nocedal and Wright, Numerical Optimization,
/// algorithm 7.5) with backtracking line search under Armijo's condition. function(x, gradient) returns the
/// value at x and fills the gradient. x holds the start and then the minimum.
LbfgsResult minimise(std::vector<double>& x,
                     const std::function<double(const std::vector<double>&, std::vector<double>&)>& function,
                     const LbfgsOptions& options = {});

}  // namespace transfer
}  // namespace graft
