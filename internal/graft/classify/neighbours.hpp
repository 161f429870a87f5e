// SPDX-License-Identifier: Apache-2.0
// Nearest rows in feature space. Each pair's distance is computed by itself, in double and in a fixed order,
// so that results depend neither on threads nor on the other rows.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "graft/tensor.hpp"

namespace graft {
inline namespace classify {

/// A row and how far it is.
struct Neighbour {
  std::size_t row = 0;
  double distance = 0;  ///< cosine distance, 0 to 2
};

/// Rows of float32 (N, D) divided by their length; a row of zeros stays.
[[nodiscard]] Tensor unit_rows(const Tensor& features);

struct NeighbourOptions {
  std::size_t count = 5;  ///< at most; fewer where there are fewer rows
  /// Row number i of the queries is row number i of the rows: it is not its own neighbour.
  bool same_rows = false;
  /// Queries done and in all, from the calling thread. Return false to stop: Error{interrupted}.
  std::function<bool(std::size_t done, std::size_t total)> progress{};
};
/// For each query the nearest rows, nearest first, equal ones by number. Both float32 of unit_rows(), (n, D)
/// and (m, D).
[[nodiscard]] std::vector<std::vector<Neighbour>> nearest_rows(const Tensor& queries, const Tensor& rows,
                                                               const NeighbourOptions& options = {});

}  // namespace classify
}  // namespace graft
