// SPDX-License-Identifier: Apache-2.0
#include "plan/frozen_ops.hpp"

#include <algorithm>
#include <set>

namespace graft::plan {

std::vector<ops::ValueId> results_of_frozen_ops(const Program& program, const ValueMemory& memory) {
  const auto& all = program.graph.ops();
  std::vector<bool> made(program.graph.values().size(), false);
  std::vector<ops::ValueId> found;
  bool reads_input = false;
  const auto read = [&](ops::ValueId value) {
    if (value == ops::kAbsent || memory.is_from_weights(value)) return;
    const ops::ValueId base = memory.base_of(value);
    if (program.graph.value(base).is_input()) reads_input = true;
    if (made[index(base)] && std::ranges::find(found, base) == found.end()) found.push_back(base);
  };
  for (std::size_t i = 0; i < program.frozen_ops; ++i) {
    for (const ops::ValueId output : all[i].outputs) {
      if (output != ops::kAbsent) made[index(memory.base_of(output))] = true;
    }
  }
  for (std::size_t i = program.frozen_ops; i < program.forward_ops; ++i) {
    for (const ops::ValueId input : all[i].inputs) read(input);
  }
  for (const ops::ValueId output : program.outputs) read(output);
  return reads_input ? std::vector<ops::ValueId>{} : found;
}

std::uint64_t version_of_frozen_ops(const Program& program, const ValueMemory& memory) {
  std::set<ops::ValueId> weights;
  const auto& all = program.graph.ops();
  for (std::size_t i = 0; i < program.frozen_ops; ++i) {
    for (const ops::ValueId input : all[i].inputs) {
      if (input != ops::kAbsent && program.graph.value(input).weight() != nullptr) weights.insert(input);
    }
  }
  std::uint64_t sum = 0;
  for (const ops::ValueId weight : weights) sum += memory.version(weight);
  return sum;
}

}  // namespace graft::plan
