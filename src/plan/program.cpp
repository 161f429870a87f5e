// SPDX-License-Identifier: Apache-2.0
#include "plan/program.hpp"

#include <algorithm>

namespace graft::plan {

Uses::Uses(const Program& program)
    : producer_(program.graph.values().size(), -1), last_read_(producer_), count_(producer_.size(), 0) {
  const auto& all = program.graph.ops();
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const ops::ValueId input : all[i].inputs) {
      if (input == ops::kAbsent) continue;
      ++count_[static_cast<std::size_t>(input)];
      last_read_[static_cast<std::size_t>(input)] = static_cast<int>(i);
    }
    for (const ops::ValueId output : all[i].outputs) {
      if (output != ops::kAbsent) producer_[static_cast<std::size_t>(output)] = static_cast<int>(i);
    }
  }
  for (const ops::ValueId output : program.outputs) ++count_[static_cast<std::size_t>(output)];
}

std::vector<bool> needs_gradient(const ops::Graph& graph) {
  std::vector<bool> needed(graph.values().size(), false);
  for (std::size_t i = 0; i < needed.size(); ++i) needed[i] = graph.values()[i].trainable;
  for (const ops::Op& op : graph.ops()) {
    const bool any = std::ranges::any_of(op.inputs, [&](ops::ValueId input) {
      return input != ops::kAbsent && needed[static_cast<std::size_t>(input)];
    });
    for (const ops::ValueId output : op.outputs) {
      if (any && output != ops::kAbsent) needed[static_cast<std::size_t>(output)] = true;
    }
  }
  return needed;
}

std::vector<bool> made_from_weights(const ops::Graph& graph) {
  std::vector<bool> from_weights(graph.values().size(), false);
  for (std::size_t i = 0; i < from_weights.size(); ++i) {
    const ops::ValueKind kind = graph.values()[i].kind;
    from_weights[i] = kind == ops::ValueKind::weight || kind == ops::ValueKind::constant;
  }
  for (const ops::Op& op : graph.ops()) {
    const bool all = std::ranges::all_of(op.inputs, [&](ops::ValueId input) {
      return input == ops::kAbsent || from_weights[static_cast<std::size_t>(input)];
    });
    for (const ops::ValueId output : op.outputs) {
      if (output != ops::kAbsent && graph.value(output).kind == ops::ValueKind::computed) {
        from_weights[static_cast<std::size_t>(output)] = all;
      }
    }
  }
  return from_weights;
}

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

void remove_dead(Program& program) {
  std::vector<bool> used(program.graph.values().size(), false);
  for (const ops::ValueId output : program.outputs) used[static_cast<std::size_t>(output)] = true;
  for (const auto& [weight, gradient] : program.gradients) used[static_cast<std::size_t>(gradient)] = true;
  auto& all = program.graph.ops();
  std::vector<ops::Op> kept;
  std::size_t forward = 0;
  for (std::size_t i = all.size(); i-- > 0;) {
    ops::Op& op = all[i];
    const bool writes_weights = std::holds_alternative<ops::UpdateMovingStatistics>(op.params);
    const bool wanted = std::ranges::any_of(op.outputs, [&](ops::ValueId output) {
      return output != ops::kAbsent && used[static_cast<std::size_t>(output)];
    });
    if (!wanted && !writes_weights) continue;
    for (const ops::ValueId input : op.inputs) {
      if (input != ops::kAbsent) used[static_cast<std::size_t>(input)] = true;
    }
    if (i < program.forward_ops) ++forward;
    kept.push_back(std::move(op));
  }
  std::ranges::reverse(kept);
  all = std::move(kept);
  program.forward_ops = forward;
}

}  // namespace graft::plan
