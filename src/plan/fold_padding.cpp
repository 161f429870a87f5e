// SPDX-License-Identifier: Apache-2.0
#include "graft/plan/passes.hpp"

namespace graft::plan {

void fold_padding(Program& program) {
  const Uses uses(program);
  auto& all = program.graph.ops();
  for (ops::Op& op : all) {
    auto* convolution = std::get_if<ops::Convolution>(&op.params);
    if (convolution == nullptr) continue;
    const int producer = uses.producer(op.inputs[0]);
    if (producer < 0) continue;
    const ops::Op& before = all[static_cast<std::size_t>(producer)];
    const auto* pad = std::get_if<ops::Pad>(&before.params);
    if (pad == nullptr) continue;
    // Other readers keep the padded copy; if there are none, remove_dead drops it.
    convolution->window.pad_top += pad->top;
    convolution->window.pad_bottom += pad->bottom;
    convolution->window.pad_left += pad->left;
    convolution->window.pad_right += pad->right;
    op.inputs[0] = before.inputs[0];
  }
  remove_dead(program);
}

}  // namespace graft::plan
