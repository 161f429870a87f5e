// SPDX-License-Identifier: Apache-2.0
#include "plan/cost.hpp"

namespace graft::plan {
namespace {

/// Each element of y is a sum over one row of the kernel: window and input channels.
double product_operations(const Shape& y, const Shape& kernel) {
  const std::int64_t filters = y[-1];
  if (filters == 0) return 0;
  return 2.0 * static_cast<double>(y.count()) * static_cast<double>(kernel.count()) /
         static_cast<double>(filters);
}

double operations_of(const ops::Op& op, const ops::Graph& graph) {
  const auto& params = op.params;
  if (std::holds_alternative<ops::Convolution>(params) || std::holds_alternative<ops::Dense>(params))
    return product_operations(graph.shape(op.outputs[0]), graph.shape(op.inputs[1]));
  if (std::holds_alternative<ops::ConvolutionBackwardInput>(params) ||
      std::holds_alternative<ops::DenseBackwardInput>(params))
    return product_operations(graph.shape(op.inputs[0]), graph.shape(op.inputs[1]));
  if (std::holds_alternative<ops::ConvolutionBackwardKernel>(params) ||
      std::holds_alternative<ops::DenseBackwardKernel>(params))
    return product_operations(graph.shape(op.inputs[1]), graph.shape(op.outputs[0]));
  return 0;
}

}  // namespace

Cost cost_of(const ops::Op& op, const ops::Graph& graph) {
  Cost cost{.operations = operations_of(op, graph)};
  std::int64_t most = -1;
  for (const auto* list : {&op.inputs, &op.outputs}) {
    for (const ops::ValueId id : *list) {
      if (id == ops::kAbsent) continue;
      const Shape& shape = graph.shape(id);
      cost.bytes += static_cast<double>(shape.count()) * static_cast<double>(size_of(graph.value(id).dtype));
      if (graph.value(id).kind == ops::ValueKind::weight || shape.count() <= most) continue;
      most = shape.count();
      cost.largest = shape;
    }
  }
  return cost;
}

}  // namespace graft::plan
