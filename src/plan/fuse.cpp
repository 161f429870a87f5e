// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include "graft/kernels/kernel.hpp"

#include "plan/program.hpp"

namespace graft::plan {
namespace {

/// The activation that an op may carry, or null for ops that carry none.
ops::Activation* activation_of(ops::Op& op) {
  if (auto* convolution = std::get_if<ops::Convolution>(&op.params)) return &convolution->activation;
  if (auto* dense = std::get_if<ops::Dense>(&op.params)) return &dense->activation;
  if (auto* affine = std::get_if<ops::ScaleShift>(&op.params)) return &affine->activation;
  if (auto* add = std::get_if<ops::Add>(&op.params)) return &add->activation;
  if (auto* binary = std::get_if<ops::Binary>(&op.params)) return &binary->activation;
  if (auto* batch = std::get_if<ops::BatchNormalizationTraining>(&op.params)) return &batch->activation;
  return nullptr;
}

/// Whether the op's kernels take this activation, in its backward pass too where there is one.
bool can_carry(const ops::Op& op, const ops::Activation& activation, bool backward) {
  // Its backward pass has the input and computes what the activation saw again.
  if (std::holds_alternative<ops::BatchNormalizationTraining>(op.params)) return true;
  return kernels::can_fuse(activation) && (!backward || ops::derivative_from_output(activation));
}

bool takes_residual(const ops::Op& op) {
  const auto* convolution = std::get_if<ops::Convolution>(&op.params);
  return convolution != nullptr && convolution->activation.is_linear() && op.inputs[3] == ops::kAbsent;
}

bool is_nothing(const ops::Range& range) { return range.low == 0 && range.high == 0; }

/// The flip of an op that does nothing else.
std::optional<ops::RandomTransform::Flip> flip_alone(const ops::Op& op) {
  const auto* transform = std::get_if<ops::RandomTransform>(&op.params);
  if (transform == nullptr || transform->flip_before) return std::nullopt;
  for (const ops::Range* range : {&transform->angle, &transform->shift_height, &transform->shift_width,
                                  &transform->zoom_height, &transform->zoom_width}) {
    if (!is_nothing(*range)) return std::nullopt;
  }
  return ops::RandomTransform::Flip{.horizontal = transform->flip_horizontal,
                                    .vertical = transform->flip_vertical,
                                    .seed = transform->seed};
}

/// What lies around an image that was flipped is what lies around the image, flipped; not where coordinates
/// are rounded, half a pixel to one side, nor where whole turns are counted from one side.
bool takes_flip_before(const ops::RandomTransform& transform) {
  return !transform.flip_before && transform.interpolation == ops::Interpolation::bilinear &&
         transform.fill_mode != ops::FillMode::wrap;
}

/// The op that computes the value, if nothing else reads it; else null.
ops::Op* made_for_one(Program& program, const Uses& uses, ops::ValueId value) {
  const int producer = uses.producer(value);
  if (producer < 0 || uses.count(value) != 1) return nullptr;
  return &program.graph.ops()[static_cast<std::size_t>(producer)];
}

}  // namespace

void fuse_flip(Program& program) {
  const Uses uses(program);
  auto& all = program.graph.ops();
  for (ops::Op& op : all) {
    auto* transform = std::get_if<ops::RandomTransform>(&op.params);
    if (transform == nullptr || !takes_flip_before(*transform)) continue;
    const ops::Op* before = made_for_one(program, uses, op.inputs[0]);
    if (before == nullptr) continue;
    transform->flip_before = flip_alone(*before);
    if (transform->flip_before) op.inputs[0] = before->inputs[0];
  }
  remove_dead(program);
}

void fuse_rescaling(Program& program) {
  const Uses uses(program);
  const std::vector<bool> gradient = needs_gradient(program.graph);
  auto& all = program.graph.ops();
  for (ops::Op& op : all) {
    const auto* affine = std::get_if<ops::ScaleShift>(&op.params);
    if (affine == nullptr || !affine->activation.is_linear()) continue;
    if (gradient[static_cast<std::size_t>(op.outputs[0])]) continue;
    const ops::Op* before = made_for_one(program, uses, op.inputs[0]);
    if (before == nullptr || !std::holds_alternative<ops::RandomTransform>(before->params)) continue;
    if (before->inputs.size() > 1) continue;  // scaled already
    op.params = before->params;
    op.inputs[0] = before->inputs[0];
    op.layer = before->layer;
  }
  remove_dead(program);
}

void fuse_add(Program& program) {
  auto& all = program.graph.ops();
  Uses uses(program);
  for (ops::Op& op : all) {
    const auto* add = std::get_if<ops::Add>(&op.params);
    if (add == nullptr) continue;
    // The later of the two summands is the one whose convolution can wait for the other.
    for (const std::size_t side : {1UL, 0UL}) {
      const ops::ValueId summand = op.inputs[side];
      const ops::ValueId other = op.inputs[1 - side];
      ops::Op* before = made_for_one(program, uses, summand);
      if (before == nullptr || summand == other || !takes_residual(*before)) continue;
      ops::Op fused = *before;
      std::get<ops::Convolution>(fused.params).activation = add->activation;
      fused.inputs[3] = other;
      fused.outputs = op.outputs;
      op = std::move(fused);
      before->outputs = {program.graph.new_value(program.graph.shape(summand))};
      uses = Uses(program);
      break;
    }
  }
  remove_dead(program);
}

void fuse_activation(Program& program) {
  const Uses uses(program);
  const std::vector<bool> gradient = needs_gradient(program.graph);
  auto& all = program.graph.ops();
  for (ops::Op& op : all) {
    const auto* forward = std::get_if<ops::ActivationForward>(&op.params);
    if (forward == nullptr) continue;
    const ops::ValueId input = op.inputs[0];
    ops::Op* before = made_for_one(program, uses, input);
    if (before == nullptr) continue;
    const bool backward = program.training && gradient[static_cast<std::size_t>(input)];
    ops::Activation* carried = activation_of(*before);
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
