// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <utility>

#include "graft/ops/op_info.hpp"
#include "graft/plan/passes.hpp"

namespace graft::plan {
namespace {

/// Ops whose result for a sample differs from run to run: random ones, and those that see the whole batch.
bool differs_each_time(const ops::Op& op) {
  const ops::RareTraits traits = ops::traits(op.params).rare;
  return traits.random || traits.batch_statistics;
}

/// Recompute at most this share of the frozen work if that makes the cached tensors smaller.
constexpr double kMostRepeated = 0.1;

/// The size of the cached tensors if the frozen ops ended earlier.
class Cuts {
 public:
  explicit Cuts(const Program& program)
      : graph_(program.graph), root_(roots_of_views(graph_)), made_(root_.size(), 0), last_(root_.size(), 0) {
    const auto& all = graph_.ops();
    for (std::size_t i = 0; i < program.forward_ops; ++i) {
      for (const ops::ValueId input : all[i].inputs) {
        if (input != ops::kAbsent) last_[index(root_[index(input)])] = i;
      }
      for (const ops::ValueId output : all[i].outputs) {
        if (output != ops::kAbsent) made_[index(output)] = i;
      }
    }
    for (const ops::ValueId output : program.outputs) last_[index(root_[index(output)])] = all.size();
    const std::vector<bool> from_weights = made_from_weights(graph_);
    for (std::size_t v = 0; v < root_.size(); ++v) {
      if (!from_weights[v] && root_[v] == static_cast<ops::ValueId>(v)) batched_.push_back(v);
    }
  }

  /// Bytes of the results of the ops before number `cut` that later ops read; none where those read an input.
  [[nodiscard]] std::optional<double> bytes(std::size_t cut) const {
    double sum = 0;
    for (const std::size_t v : batched_) {
      if (last_[v] < cut) continue;
      const ops::Value& value = graph_.values()[v];
      if (value.is_input()) return std::nullopt;
      if (!value.is_computed() || made_[v] >= cut) continue;
      sum += static_cast<double>(value.shape.count()) * static_cast<double>(size_of(value.dtype));
    }
    return sum;
  }

 private:
  const ops::Graph& graph_;
  std::vector<ops::ValueId> root_;  ///< of a view: the value that it shows
  std::vector<std::size_t> made_, last_;
  std::vector<std::size_t> batched_;  ///< roots that are not made from weights only
};

/// Where the cached tensors are smallest: after a narrow layer rather than the wide one that it feeds.
std::size_t narrowest_cut(const Program& program) {
  const auto& all = program.graph.ops();
  const auto work = [&](std::size_t i) { return ops::operations(all[i], program.graph); };
  double total = 0;
  for (std::size_t i = 0; i < program.frozen_ops; ++i) total += work(i);
  const Cuts cuts(program);
  std::size_t best = program.frozen_ops;
  std::optional<double> fewest = cuts.bytes(best);
  double repeated = 0;
  for (std::size_t cut = best; total > 0 && fewest && cut-- > 1;) {
    repeated += work(cut);
    if (repeated > kMostRepeated * total) break;
    const std::optional<double> bytes = cuts.bytes(cut);
    if (!bytes || *bytes >= *fewest) continue;
    best = cut;
    fewest = bytes;
  }
  return best;
}

}  // namespace

void put_frozen_first(Program& program) {
  auto& all = program.graph.ops();
  std::vector<bool> changes(program.graph.values().size(), false);
  for (std::size_t i = 0; i < changes.size(); ++i) changes[i] = program.graph.values()[i].is_trainable();
  std::vector<ops::Op> frozen, rest;
  for (std::size_t i = 0; i < program.forward_ops; ++i) {
    ops::Op& op = all[i];
    const bool changing = differs_each_time(op) || std::ranges::any_of(op.inputs, [&](ops::ValueId input) {
                            return input != ops::kAbsent && changes[index(input)];
                          });
    for (const ops::ValueId output : op.outputs) {
      if (changing && output != ops::kAbsent) changes[index(output)] = true;
    }
    (changing ? rest : frozen).push_back(std::move(op));
  }
  program.frozen_ops = frozen.size();
  std::ranges::move(frozen, all.begin());
  std::ranges::move(rest, all.begin() + static_cast<std::ptrdiff_t>(program.frozen_ops));
  program.frozen_ops = narrowest_cut(program);
}

}  // namespace graft::plan
