// SPDX-License-Identifier: Apache-2.0
#include "graft/plan/passes.hpp"

namespace graft::plan {

void strip_final_activation(Program& program) {
  const Uses uses(program);
  const ops::ValueId output = program.outputs.front();
  const int producer = uses.producer(output);
  if (producer < 0) return;
  const ops::Op& op = program.graph.ops()[static_cast<std::size_t>(producer)];
  if (std::holds_alternative<ops::Softmax>(op.params)) {
    program.final_activation = FinalActivation::softmax;
  } else if (const auto* forward = std::get_if<ops::ActivationForward>(&op.params);
             forward != nullptr && forward->activation.kind == ops::ActivationKind::sigmoid) {
    program.final_activation = FinalActivation::sigmoid;
  } else {
    return;
  }
  program.outputs.front() = op.inputs.front();
}

}  // namespace graft::plan
