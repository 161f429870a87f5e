// SPDX-License-Identifier: Apache-2.0
// The op graph on its way from a lowered model to a plan, and the passes that rewrite it.
#pragma once

#include <cstddef>
#include <map>
#include <type_traits>
#include <vector>

#include "graft/extend/layer.hpp"
#include "graft/ops/graph.hpp"
#include "graft/plan/plan.hpp"
#include "graft/plan/value_ranges.hpp"

namespace graft::plan {

/// Ops [begin, end), run one after the other for a few samples of the batch, then for the next few: what one
/// op leaves for the next is then still in the processor's cache.
struct Segment {
  std::size_t begin = 0, end = 0;
  std::int64_t samples = 0;  ///< at a time; divides the batch size
  /// So many threads take samples of their own through the segment, each in memory of its own, and meet at
  /// its end: what one writes no other reads. 1: all threads work on each op.
  int at_once = 1;
};

struct Program {
  ops::Graph graph;
  std::vector<ops::ValueId> inputs;
  std::vector<ops::ValueId> outputs;  ///< those asked for, then the activities
  std::vector<layers::RegularizedOutput> activities;
  FinalActivation final_activation = FinalActivation::none;
  bool training = false;

  // Set by add_gradients().
  std::size_t forward_ops = 0;                  ///< ops before the first of the backward pass
  ops::ValueId output_gradient = ops::kAbsent;  ///< an input of the graph, in the shape of outputs[0]
  /// The same for each of the activities; absent where no weight that trains lies before it.
  std::vector<ops::ValueId> activity_gradients;
  std::map<ops::ValueId, ops::ValueId> gradients;  ///< weight value -> its gradient's value

  /// Set by put_frozen_first(): the ops before this one give the same for the same input, however the
  /// trainable weights change.
  std::size_t frozen_ops = 0;

  /// Set by put_sums_last(), by value: a sum over the batch's samples, such as a weight's gradient, or made
  /// of such sums.
  std::vector<bool> summed;

  // Set by split_batch().
  std::vector<Segment> segments;  ///< in order, disjoint
  std::vector<bool>
      inside_segment;  ///< by value: lives within one segment, so holds that one's samples alone
};

/// Is the op's type one of these?
template <typename Op, typename... Of>
inline constexpr bool kIsOneOf = (std::is_same_v<Op, Of> || ...);

/// Where each value is made and used.
class Uses {
 public:
  explicit Uses(const Program& program);
  /// Index of the op that computes the value, or -1.
  [[nodiscard]] int producer(ops::ValueId value) const {
    return producer_.at(static_cast<std::size_t>(value));
  }
  /// Index of the last op that reads the value, or -1.
  [[nodiscard]] int last_read(ops::ValueId value) const {
    return last_read_.at(static_cast<std::size_t>(value));
  }
  /// How many op inputs and program outputs refer to the value.
  [[nodiscard]] int count(ops::ValueId value) const { return count_.at(static_cast<std::size_t>(value)); }

 private:
  std::vector<int> producer_, last_read_, count_;
};

/// For each value: does a trainable weight reach it, so that a gradient flows through it?
[[nodiscard]] std::vector<bool> needs_gradient(const ops::Graph& graph);

/// Takes a final softmax or sigmoid off the first output.
void strip_final_activation(Program& program);
/// ZeroPadding2D becomes the padding of the convolutions that read it.
void fold_padding(Program& program);
/// BatchNormalization in inference mode becomes part of the convolution before it, also where its weights
/// train.
void fold_batch_normalization(Program& program);
/// A random flip becomes part of the random turn, zoom or shift behind it: one pass over the images.
void fuse_flip(Program& program);
/// Numbers that the pixels behind a random turn, zoom or shift are multiplied by and moved by become part of
/// it.
void fuse_rescaling(Program& program);
/// A residual sum becomes part of the convolution before it.
void fuse_add(Program& program);
/// Activations become part of the op before them, where their derivative can be had from the output.
void fuse_activation(Program& program);
/// Drops ops whose results nobody reads.
void remove_dead(Program& program);
/// Appends the backward pass, down to the earliest trainable weight of each path and no further.
void add_gradients(Program& program);

/// Turns the program to mixed precision: values between products become bfloat16, with casts where they meet
/// float32. The last pass.
void mix_precision(Program& program);

/// Turns an inference program to 8 bits where the ranges of values are known: products of 8-bit numbers, and
/// what lies between them. The last pass.
void quantize(Program& program, const ValueRanges& ranges);

/// Puts the forward ops that no trainable weight, no random number and no batch statistic reaches before the
/// others; the last of them, up to a tenth of their work, count to the others where less is left for those to
/// read then. Before split_batch().
void put_frozen_first(Program& program);

/// Puts the backward ops that read sums over the batch behind all others, so that the others may run for a
/// few samples at a time. Before split_batch().
void put_sums_last(Program& program);

/// Finds the segments, whose ops take about so many bytes at a time. Sums over the batch are added up round
/// by round. After all passes that change ops.
void split_batch(Program& program, std::size_t cache_bytes);
/// The segment that an op lies in, or null.
[[nodiscard]] const Segment* segment_of(const Program& program, std::size_t op);

/// A slot in the workspace for each computed value but those made from weights alone (from_weights), which
/// are kept from run to run.
struct MemoryPlan {
  static constexpr std::size_t kNoSlot = static_cast<std::size_t>(-1);
  std::vector<std::size_t> offset;  ///< by value, in bytes; kNoSlot for all others
  /// By value: bytes from one thread's copy to the next one's; 0 where all threads have the same.
  std::vector<std::size_t> thread_stride;
  std::size_t bytes = 0;  ///< of the workspace
};
[[nodiscard]] MemoryPlan plan_memory(const Program& program, const std::vector<bool>& from_weights);
/// For each value: is it a weight, a constant or computed from those alone?
[[nodiscard]] std::vector<bool> made_from_weights(const ops::Graph& graph);

}  // namespace graft::plan
