// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/classify/neighbours.hpp"
#include "graft/inspect.hpp"

#include "inspect/features/principal.hpp"

namespace graft::inspect {

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
  const std::vector<CentredRows::Vector> directions = principal_directions(centred);
  for (std::size_t k = 0; k < directions.size(); ++k) {
    const CentredRows::Vector along = centred.times(directions[k]);
    const auto farthest = std::ranges::max_element(along, {}, [](double value) { return std::abs(value); });
    const double sign = *farthest < 0 ? -1 : 1;
    for (std::size_t row = 0; row < along.size(); ++row) plane.points[row][k] = sign * along[row];
    plane.explained[k] = variance > 0 ? product(along, along) / variance : 0;
  }
  return plane;
}

}  // namespace graft::inspect
