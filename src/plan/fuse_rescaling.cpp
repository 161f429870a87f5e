// SPDX-License-Identifier: Apache-2.0
#include "graft/plan/passes.hpp"

namespace graft::plan {

void fuse_rescaling(Program& program) {
  const Uses uses(program);
  const std::vector<bool> gradient = needs_gradient(program.graph);
  auto& all = program.graph.ops();
  for (ops::Op& op : all) {
    const auto* affine = std::get_if<ops::ScaleShift>(&op.params);
    if (affine == nullptr || !affine->activation.is_linear()) continue;
    if (gradient[index(op.outputs[0])]) continue;
    const ops::Op* before = uses.producer_for_one_use(program, op.inputs[0]);
    if (before == nullptr || !std::holds_alternative<ops::RandomTransform>(before->params)) continue;
    if (before->in(ops::RandomTransform::In::scale) != ops::kAbsent) continue;
    op.params = before->params;
    op.inputs[0] = before->in(ops::RandomTransform::In::x);  // scale and shift follow, as in ScaleShift
    op.layer = before->layer;
  }
  remove_dead(program);
}

}  // namespace graft::plan
