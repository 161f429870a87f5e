// SPDX-License-Identifier: Apache-2.0
#include "graft/plan/program.hpp"

#include <algorithm>
#include <numeric>

#include "graft/ops/op_info.hpp"

namespace graft::plan {

Uses::Uses(const Program& program)
    : producer_(program.graph.values().size(), -1), last_read_(producer_), count_(producer_.size(), 0) {
  const auto& all = program.graph.ops();
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const ops::ValueId input : all[i].inputs) {
      if (input == ops::kAbsent) continue;
      ++count_[index(input)];
      last_read_[index(input)] = static_cast<int>(i);
    }
    for (const ops::ValueId output : all[i].outputs) {
      if (output != ops::kAbsent) producer_[index(output)] = static_cast<int>(i);
    }
  }
  for (const ops::ValueId output : program.outputs) ++count_[index(output)];
}

ops::Op* Uses::producer_for_one_use(Program& program, ops::ValueId value) const {
  if (producer(value) < 0 || count(value) != 1) return nullptr;
  return &program.graph.ops()[static_cast<std::size_t>(producer(value))];
}

std::vector<bool> needs_gradient(const ops::Graph& graph) {
  std::vector<bool> needed(graph.values().size(), false);
  for (std::size_t i = 0; i < needed.size(); ++i) needed[i] = graph.values()[i].wants_gradient();
  for (const ops::Op& op : graph.ops()) {
    const bool any = std::ranges::any_of(
        op.inputs, [&](ops::ValueId input) { return input != ops::kAbsent && needed[index(input)]; });
    for (const ops::ValueId output : op.outputs) {
      if (any && output != ops::kAbsent) needed[index(output)] = true;
    }
  }
  return needed;
}

std::vector<bool> made_from_weights(const ops::Graph& graph) {
  std::vector<bool> from_weights(graph.values().size(), false);
  for (std::size_t i = 0; i < from_weights.size(); ++i) {
    const ops::Value& value = graph.values()[i];
    from_weights[i] = value.weight() != nullptr || value.constant() != nullptr;
  }
  for (const ops::Op& op : graph.ops()) {
    const bool all = std::ranges::all_of(
        op.inputs, [&](ops::ValueId input) { return input == ops::kAbsent || from_weights[index(input)]; });
    for (const ops::ValueId output : op.outputs) {
      if (output != ops::kAbsent && graph.value(output).is_computed()) {
        from_weights[index(output)] = all;
      }
    }
  }
  return from_weights;
}

bool makes_weights(const ops::Op& op, const std::vector<bool>& from_weights) {
  return std::ranges::all_of(op.outputs, [&](ops::ValueId output) {
    return output == ops::kAbsent || (index(output) < from_weights.size() && from_weights[index(output)]);
  });
}

std::vector<ops::ValueId> roots_of_views(const ops::Graph& graph) {
  std::vector<ops::ValueId> root(graph.values().size());
  std::iota(root.begin(), root.end(), 0);
  for (const ops::Op& op : graph.ops()) {
    if (ops::is_view(op)) root[index(op.outputs[0])] = root[index(op.inputs[0])];
  }
  return root;
}

const Segment* segment_of(const Program& program, std::size_t op) {
  for (const Segment& segment : program.segments) {
    if (op >= segment.begin && op < segment.end) return &segment;
  }
  return nullptr;
}

}  // namespace graft::plan
