// SPDX-License-Identifier: Apache-2.0
#include "graft/plan/int8_values.hpp"

#include "graft/base/execution_scope.hpp"
#include "graft/ops/op_info.hpp"
#include "graft/plan/value_ranges.hpp"

#include "plan/lower.hpp"

namespace graft::plan {
namespace {

bool is_low(const ops::Value& value) { return value.dtype == DType::int8 || value.dtype == DType::uint8; }

Int8Grid grid_of(const ops::Value& value) {
  return {.scale = value.scale, .is_signed = value.dtype == DType::int8};
}

void add(const ops::Graph& graph, const ops::Op& op, Int8Values& result) {
  if (ops::traits(op.params).eight_bits == ops::EightBits::product && is_low(graph.value(op.inputs[0])))
    result.products.insert(op.layer);
  for (const ops::ValueId output : op.outputs) {
    if (output == ops::kAbsent || !is_low(graph.value(output))) continue;
    const bool cast = std::holds_alternative<ops::Cast>(op.params);
    const std::string& name = graph.value(cast ? op.inputs[0] : output).name;
    if (!name.empty()) (cast ? result.read : result.kept)[name] = grid_of(graph.value(output));
  }
}

}  // namespace

Int8Values int8_values(const Model& model, const Shape& sample,
                       const std::shared_ptr<const ValueRanges>& ranges) {
  const PlanOptions options{.batch_size = 1,
                            .input_shape = sample,
                            .execution = {.dtype_policy = DTypePolicy::int8},
                            .ranges = ranges};
  const ExecutionScope scope(options.execution);
  std::vector<PassInfo> log;
  const Program program = lower_model(model, options, log);
  Int8Values result;
  for (const ops::Op& op : program.graph.ops()) add(program.graph, op, result);
  for (const auto& [name, range] : ranges->ranges) result.ranges[name] = {range.low, range.high};
  result.float32_layers = ranges->float32_layers;
  return result;
}

}  // namespace graft::plan
