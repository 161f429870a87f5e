// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

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

void finish_sums_early(Program& program) {
  auto& all = program.graph.ops();
  const std::size_t first = program.forward_ops;
  const Uses uses(program);
  const auto is_summed = [&](ops::ValueId value) {
    return value != ops::kAbsent && program.summed[index(value)];
  };
  // By op: its place, behind the op that had this number before; and the number that its readers go behind.
  std::vector<std::size_t> place(all.size()), done(all.size()), order;
  for (std::size_t i = first; i < all.size(); ++i) {
    const Segment* segment = segment_of(program, i);
    place[i] = i;
    done[i] = segment == nullptr ? i : segment->end - 1;
    order.push_back(i);
    if (std::ranges::none_of(all[i].inputs, is_summed)) continue;
    std::size_t behind = done[first];
    for (const ops::ValueId input : all[i].inputs) {
      const int producer = input == ops::kAbsent ? -1 : uses.producer(input);
      if (producer >= static_cast<int>(first))
        behind = std::max(behind, done[static_cast<std::size_t>(producer)]);
    }
    place[i] = done[i] = behind;
  }
  // Ops that stay where they are have the number of their place and come before those that move there.
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return std::pair(place[i], i); });
  std::vector<ops::Op> sorted;
  std::vector<std::size_t> now(all.size());
  for (const std::size_t i : order) {
    now[i] = first + sorted.size();
    sorted.push_back(std::move(all[i]));
  }
  std::ranges::move(sorted, all.begin() + static_cast<std::ptrdiff_t>(first));
  for (Segment& segment : program.segments) {
    if (segment.begin < first) continue;
    segment.end += now[segment.begin] - segment.begin;
    segment.begin = now[segment.begin];
  }
}

}  // namespace graft::plan
