// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "graft/kernels/kernel.hpp"
#include "graft/ops/op_info.hpp"
#include "graft/plan/passes.hpp"

namespace graft::plan {
namespace {

/// Whether the op's kernels support this activation, in its backward pass too where there is one.
bool can_carry(const ops::Op& op, const ops::Activation& activation, bool backward) {
  // Its backward pass recomputes the activation's input.
  if (ops::traits(op.params).rare.carries == ops::Carries::any) return true;
  return kernels::can_fuse(activation) && (!backward || ops::derivative_from_output(activation));
}

}  // namespace

void fuse_activation(Program& program) {
  const Uses uses(program);
  const std::vector<bool> gradient = needs_gradient(program.graph);
  auto& all = program.graph.ops();
  for (ops::Op& op : all) {
    const auto* forward = std::get_if<ops::ActivationForward>(&op.params);
    if (forward == nullptr) continue;
    const ops::ValueId input = op.inputs[0];
    ops::Op* before = uses.producer_for_one_use(program, input);
    if (before == nullptr) continue;
    const bool backward = program.training && gradient[index(input)];
    ops::Activation* carried = ops::carried_activation(before->params);
    if (carried == nullptr || !carried->is_linear()) continue;
    if (before->outputs[0] != input || !can_carry(*before, forward->activation, backward)) continue;
    *carried = forward->activation;
    // Swap the results: what was the activation's is now the fused op's, and the op left over is dead.
    std::swap(before->outputs[0], op.outputs[0]);
    op.inputs = {before->outputs[0]};
  }
  remove_dead(program);
}

}  // namespace graft::plan
