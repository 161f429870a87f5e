// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "plan/program.hpp"

namespace graft::plan {
namespace {

/// Ops that give a sample something else each time: random ones, and those that look at the whole batch.
bool differs_each_time(const ops::Params& params) {
  return std::holds_alternative<ops::Dropout>(params) || std::holds_alternative<ops::GaussianNoise>(params) ||
         std::holds_alternative<ops::RandomTransform>(params) ||
         std::holds_alternative<ops::RandomContrast>(params) ||
         std::holds_alternative<ops::RandomBrightness>(params) ||
         std::holds_alternative<ops::RandomCrop>(params) ||
         std::holds_alternative<ops::BatchNormalizationTraining>(params) ||
         std::holds_alternative<ops::UpdateMovingStatistics>(params);
}

}  // namespace

void put_frozen_first(Program& program) {
  auto& all = program.graph.ops();
  std::vector<bool> changes(program.graph.values().size(), false);
  for (std::size_t i = 0; i < changes.size(); ++i) changes[i] = program.graph.values()[i].trainable;
  std::vector<ops::Op> frozen, rest;
  for (std::size_t i = 0; i < program.forward_ops; ++i) {
    ops::Op& op = all[i];
    const bool changing =
        differs_each_time(op.params) || std::ranges::any_of(op.inputs, [&](ops::ValueId input) {
          return input != ops::kAbsent && changes[static_cast<std::size_t>(input)];
        });
    for (const ops::ValueId output : op.outputs) {
      if (changing && output != ops::kAbsent) changes[static_cast<std::size_t>(output)] = true;
    }
    (changing ? rest : frozen).push_back(std::move(op));
  }
  program.frozen_ops = frozen.size();
  std::ranges::move(frozen, all.begin());
  std::ranges::move(rest, all.begin() + static_cast<std::ptrdiff_t>(program.frozen_ops));
}

}  // namespace graft::plan
