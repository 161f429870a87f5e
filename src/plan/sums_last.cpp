// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "graft/ops/op_info.hpp"
#include "graft/plan/passes.hpp"

namespace graft::plan {

void put_sums_last(Program& program) {
  auto& all = program.graph.ops();
  std::vector<bool>& summed = program.summed;
  summed.assign(program.graph.values().size(), false);
  const auto is_summed = [&](ops::ValueId value) { return value != ops::kAbsent && summed[index(value)]; };
  std::vector<ops::Op> rest, last;
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(program.forward_ops);
  for (auto op = begin; op != all.end(); ++op) {
    const bool reads_sums = std::ranges::any_of(op->inputs, is_summed);
    for (std::size_t i = 0; i < op->outputs.size(); ++i) {
      const bool sum = reads_sums || ops::is_sum_over_batch(*op, i);
      if (sum && op->outputs[i] != ops::kAbsent) summed[index(op->outputs[i])] = true;
    }
    (reads_sums ? last : rest).push_back(std::move(*op));
  }
  std::ranges::move(rest, begin);
  std::ranges::move(last, begin + static_cast<std::ptrdiff_t>(rest.size()));
}

}  // namespace graft::plan
