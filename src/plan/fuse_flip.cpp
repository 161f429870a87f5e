// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "graft/plan/passes.hpp"

namespace graft::plan {
namespace {

bool is_nothing(const ops::Bounds& range) { return range.low == 0 && range.high == 0; }

/// The flip of an op that does nothing else.
std::optional<ops::RandomTransform::Flip> only_flip(const ops::Op& op) {
  const auto* transform = std::get_if<ops::RandomTransform>(&op.params);
  if (transform == nullptr || transform->flip_before) return std::nullopt;
  for (const ops::Bounds* range : {&transform->angle, &transform->shift_height, &transform->shift_width,
                                   &transform->zoom_height, &transform->zoom_width}) {
    if (!is_nothing(*range)) return std::nullopt;
  }
  return ops::RandomTransform::Flip{.horizontal = transform->flip_horizontal,
                                    .vertical = transform->flip_vertical,
                                    .seed = transform->seed};
}

/// Flipping commutes with the border fill, except for nearest interpolation, which rounds coordinates to one
/// side, and wrap mode, which counts from one side.
bool accepts_flip_before(const ops::RandomTransform& transform) {
  return !transform.flip_before && transform.interpolation == ops::Interpolation::bilinear &&
         transform.fill_mode != ops::FillMode::wrap;
}

}  // namespace

void fuse_flip(Program& program) {
  const Uses uses(program);
  auto& all = program.graph.ops();
  for (ops::Op& op : all) {
    auto* transform = std::get_if<ops::RandomTransform>(&op.params);
    if (transform == nullptr || !accepts_flip_before(*transform)) continue;
    const ops::Op* before = uses.producer_for_one_use(program, op.inputs[0]);
    if (before == nullptr) continue;
    transform->flip_before = only_flip(*before);
    if (transform->flip_before) op.inputs[0] = before->inputs[0];
  }
  remove_dead(program);
}

}  // namespace graft::plan
