// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "graft/plan/passes.hpp"

namespace graft::plan {
namespace {

/// A sum of equal shapes: convolutions add no broadcast summand.
bool is_residual_sum(const ops::Graph& graph, const ops::Op& op) {
  const auto& binary = std::get<ops::Binary>(op.params);
  return binary.kind == ops::BinaryKind::add &&
         graph.shape(op.in(ops::Binary::In::a)) == graph.shape(op.in(ops::Binary::In::b));
}

bool can_add_residual(const ops::Op& op) {
  const auto* convolution = std::get_if<ops::Convolution>(&op.params);
  return convolution != nullptr && convolution->activation.is_linear() &&
         op.in(ops::Convolution::In::residual) == ops::kAbsent;
}

}  // namespace

void fuse_add(Program& program) {
  auto& all = program.graph.ops();
  Uses uses(program);
  for (ops::Op& op : all) {
    const auto* add = std::get_if<ops::Binary>(&op.params);
    if (add == nullptr || !is_residual_sum(program.graph, op)) continue;
    // The later of the two summands is the one whose convolution can wait for the other.
    for (const std::size_t side : {1UL, 0UL}) {
      const ops::ValueId summand = op.inputs[side];
      const ops::ValueId other = op.inputs[1 - side];
      ops::Op* before = uses.producer_for_one_use(program, summand);
      if (before == nullptr || summand == other || !can_add_residual(*before)) continue;
      ops::Op fused = *before;
      std::get<ops::Convolution>(fused.params).activation = add->activation;
      fused.set_in(ops::Convolution::In::residual, other);
      fused.outputs = op.outputs;
      op = std::move(fused);
      before->outputs = {program.graph.new_value(program.graph.shape(summand))};
      uses = Uses(program);
      break;
    }
  }
  remove_dead(program);
}

}  // namespace graft::plan
