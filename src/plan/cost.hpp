// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/extend/graph.hpp"

namespace graft::plan {

/// What one run of an op costs, counted from its shapes.
struct Cost {
  double operations = 0;  ///< multiplications and additions of convolutions and products; 0 for other ops
  double bytes = 0;       ///< every argument once
  Shape largest;          ///< the shape of the largest argument that is not a weight
};

[[nodiscard]] Cost cost_of(const ops::Op& op, const ops::Graph& graph);

}  // namespace graft::plan
