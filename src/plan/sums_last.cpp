// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "plan/program.hpp"

namespace graft::plan {
namespace {

/// Outputs that an op sums over the samples of the batch, from the first on: gradients of its weights.
std::size_t first_sum(const ops::Op& op) {
  if (std::holds_alternative<ops::ConvolutionBackwardKernel>(op.params) ||
      std::holds_alternative<ops::DenseBackwardKernel>(op.params))
    return 0;
  if (std::holds_alternative<ops::ScaleShiftBackward>(op.params)) return 1;
  return op.outputs.size();
}

}  // namespace

void put_sums_last(Program& program) {
  auto& all = program.graph.ops();
  std::vector<bool>& summed = program.summed;
  summed.assign(program.graph.values().size(), false);
  const auto is_summed = [&](ops::ValueId value) {
    return value != ops::kAbsent && summed[static_cast<std::size_t>(value)];
  };
  std::vector<ops::Op> rest, last;
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(program.forward_ops);
  for (auto op = begin; op != all.end(); ++op) {
    const bool reads_sums = std::ranges::any_of(op->inputs, is_summed);
    for (std::size_t i = reads_sums ? 0 : first_sum(*op); i < op->outputs.size(); ++i) {
      if (op->outputs[i] != ops::kAbsent) summed[static_cast<std::size_t>(op->outputs[i])] = true;
    }
    (reads_sums ? last : rest).push_back(std::move(*op));
  }
  std::ranges::move(rest, begin);
  std::ranges::move(last, begin + static_cast<std::ptrdiff_t>(rest.size()));
}

}  // namespace graft::plan
