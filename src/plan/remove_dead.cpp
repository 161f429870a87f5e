// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "graft/ops/op_info.hpp"
#include "graft/plan/passes.hpp"

namespace graft::plan {

void remove_dead(Program& program) {
  std::vector<bool> used(program.graph.values().size(), false);
  for (const ops::ValueId output : program.outputs) used[index(output)] = true;
  for (const auto& [weight, gradient] : program.gradients) used[index(gradient)] = true;
  auto& all = program.graph.ops();
  std::vector<ops::Op> kept;
  std::size_t forward = 0;
  for (std::size_t i = all.size(); i-- > 0;) {
    ops::Op& op = all[i];
    const bool wanted = std::ranges::any_of(
        op.outputs, [&](ops::ValueId output) { return output != ops::kAbsent && used[index(output)]; });
    if (!wanted && !ops::traits(op.params).rare.writes_weights) continue;
    for (const ops::ValueId input : op.inputs) {
      if (input != ops::kAbsent) used[index(input)] = true;
    }
    if (i < program.forward_ops) ++forward;
    kept.push_back(std::move(op));
  }
  std::ranges::reverse(kept);
  all = std::move(kept);
  program.forward_ops = forward;
}

}  // namespace graft::plan
