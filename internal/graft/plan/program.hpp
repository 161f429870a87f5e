// SPDX-License-Identifier: Apache-2.0
// The op graph on its way from a lowered model to a plan.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "graft/extend/graph.hpp"
#include "graft/extend/layer.hpp"
#include "graft/plan/plan.hpp"

namespace graft::plan {

/// Ops [begin, end), run one after the other for one chunk of the batch's samples, then for the next: one
/// op's results are then still in the processor's cache when the next op reads them.
struct Segment {
  std::size_t begin = 0, end = 0;
  std::int64_t samples = 0;  ///< per chunk; divides the batch size
  /// This many threads run the segment at once, each on its own chunks and in its own memory, and meet at the
  /// end: no thread reads what another writes. 1: all threads work on each op.
  int at_once = 1;
};

struct Program {
  ops::Graph graph;
  std::vector<ops::ValueId> inputs;
  std::vector<ops::ValueId> outputs;  ///< the model's, then the activities
  std::vector<layers::RegularizedOutput> activities;
  FinalActivation final_activation = FinalActivation::none;
  bool training = false;                    ///< has a backward pass
  ops::ValueId feature_map = ops::kAbsent;  ///< what PlanOptions::feature_map asks for; one of the outputs
  std::string feature_layer;                ///< the layer whose output it is

  /// Ops before the first of the backward pass; set by the pass add_gradients, in inference all.
  std::size_t forward_ops = 0;

  // Set by add_gradients.
  ops::ValueId output_gradient = ops::kAbsent;  ///< an input of the graph, in the shape of outputs[0]
  /// The same for each of the activities; absent where no trainable weight is before it.
  std::vector<ops::ValueId> activity_gradients;
  std::map<ops::ValueId, ops::ValueId> gradients;  ///< weight value -> its gradient's value

  /// Set by put_frozen_first: the ops before this one compute the same for the same input, however the
  /// trainable weights change.
  std::size_t frozen_ops = 0;

  /// Set by put_sums_last, by value: a sum over the batch's samples, such as a weight's gradient, or computed
  /// from such sums.
  std::vector<bool> summed;

  // Set by split_batch.
  std::vector<Segment> segments;     ///< in order, disjoint
  std::vector<bool> inside_segment;  ///< by value: used within one segment only, so holds one chunk
};

/// A value's place in vectors by value. The value must not be absent.
[[nodiscard]] inline std::size_t index(ops::ValueId value) { return static_cast<std::size_t>(value); }

/// Where each value is computed and used.
class Uses {
 public:
  explicit Uses(const Program& program);
  /// Index of the op that computes the value, or -1.
  [[nodiscard]] int producer(ops::ValueId value) const { return producer_.at(index(value)); }
  /// Index of the last op that reads the value, or -1.
  [[nodiscard]] int last_read(ops::ValueId value) const { return last_read_.at(index(value)); }
  /// How many op inputs and program outputs refer to the value.
  [[nodiscard]] int count(ops::ValueId value) const { return count_.at(index(value)); }
  /// The op that computes the value, if it has one use only; else null.
  [[nodiscard]] ops::Op* producer_for_one_use(Program& program, ops::ValueId value) const;

 private:
  std::vector<int> producer_, last_read_, count_;
};

/// For each value: does it depend on a trainable weight, so that it may have a gradient?
[[nodiscard]] std::vector<bool> needs_gradient(const ops::Graph& graph);
/// For each value: is it a weight, a constant or computed from these only?
[[nodiscard]] std::vector<bool> made_from_weights(const ops::Graph& graph);
/// Whether all results of the op are made from weights, by made_from_weights(). Values that are newer than
/// from_weights are not.
[[nodiscard]] bool makes_weights(const ops::Op& op, const std::vector<bool>& from_weights);
/// For each value: the value whose memory it shares through views (Reshape); itself where it is no view.
[[nodiscard]] std::vector<ops::ValueId> roots_of_views(const ops::Graph& graph);

/// The segment that contains an op, or null.
[[nodiscard]] const Segment* segment_of(const Program& program, std::size_t op);

/// One line per op, for people:
/// "%7 (1, 8, 8, 6) = Convolution(x=%0, kernel=%1) {c1}".
[[nodiscard]] std::string to_text(const Program& program);

/// Throws Error{internal} that names the op unless every argument is present or absent as its row allows, all
/// shapes are known, each value is computed once and before it is used, and the outputs and gradients exist.
void verify(const Program& program);

}  // namespace graft::plan
