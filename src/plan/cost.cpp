// SPDX-License-Identifier: Apache-2.0
#include "plan/cost.hpp"

#include "graft/ops/op_info.hpp"

namespace graft::plan {

Cost cost_of(const ops::Op& op, const ops::Graph& graph) {
  Cost cost{.operations = ops::operations(op, graph)};
  std::int64_t most = -1;
  for (const auto* list : {&op.inputs, &op.outputs}) {
    for (const ops::ValueId id : *list) {
      if (id == ops::kAbsent) continue;
      const Shape& shape = graph.shape(id);
      cost.bytes += static_cast<double>(shape.count()) * static_cast<double>(size_of(graph.value(id).dtype));
      if (graph.value(id).weight() != nullptr || shape.count() <= most) continue;
      most = shape.count();
      cost.largest = shape;
    }
  }
  return cost;
}

}  // namespace graft::plan
