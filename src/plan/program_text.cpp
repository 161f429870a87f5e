// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "graft/base/fail.hpp"
#include "graft/ops/op_info.hpp"
#include "graft/plan/program.hpp"

namespace graft::plan {
namespace {

std::string text_of_value(const ops::Graph& graph, ops::ValueId id) {
  const ops::Value& value = graph.value(id);
  const std::string type = value.dtype == DType::float32 ? "" : cat(to_string(value.dtype), " ");
  return cat("%", id, " ", type, value.shape);
}

/// "x=%0, kernel=%1:c1/kernel": weights are followed by their path.
std::string text_of_inputs(const ops::Graph& graph, const ops::Op& op) {
  const ops::Arguments& names = ops::info(op.params).inputs;
  std::string text;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (op.inputs[i] == ops::kAbsent) continue;
    const ops::Value& value = graph.value(op.inputs[i]);
    text += cat(text.empty() ? "" : ", ", names.at(i).name, "=%", op.inputs[i]);
    if (value.weight() != nullptr) text += ":" + value.weight()->variable->path();
    if (value.constant() != nullptr) text += ":constant";
  }
  return text;
}

std::string text_of_op(const ops::Graph& graph, const ops::Op& op) {
  std::string text;
  for (const ops::ValueId output : op.outputs) {
    if (output != ops::kAbsent) text += (text.empty() ? "" : ", ") + text_of_value(graph, output);
  }
  text += cat(" = ", ops::name_of(op.params), "(", text_of_inputs(graph, op), ")");
  ops::Params params = op.params;
  const ops::Activation* activation = ops::carried_activation(params);
  if (activation != nullptr && !activation->is_linear()) text += ", " + ops::activation_name(*activation);
  return op.layer.empty() ? text : text + " {" + op.layer + "}";
}

}  // namespace

std::string to_text(const Program& program) {
  std::string text;
  const Segment* before = nullptr;
  for (std::size_t i = 0; i < program.graph.ops().size(); ++i) {
    if (i == program.forward_ops) text += "backward:\n";
    const Segment* segment = segment_of(program, i);
    if (segment != nullptr && segment != before)
      text += cat("ops ", segment->begin, " to ", segment->end - 1, ", ", segment->samples,
                  " samples at a time, ", segment->at_once, " threads at once:\n");
    before = segment;
    text += (segment != nullptr ? "  " : "") + text_of_op(program.graph, program.graph.ops()[i]) + "\n";
  }
  return text;
}

}  // namespace graft::plan
