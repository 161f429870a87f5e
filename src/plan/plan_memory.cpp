// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <numeric>

#include "graft/base/cache_line.hpp"

#include "plan/program.hpp"

namespace graft::plan {
namespace {

constexpr int kForever = std::numeric_limits<int>::max();

/// Values that share memory (a Reshape and its input, an in-place op's output and its input) form one block.
struct Block {
  int begin = kForever, end = -1;  // indices of the ops that first write and last read it
  std::size_t bytes = 0;
  std::size_t offset = 0;
  std::size_t thread_stride = 0;     ///< from one thread's to the next one's
  const Segment* at_once = nullptr;  ///< the segment that it lives in, where each thread has one of its own
};

/// Ops whose kernels may write over an input of the same size.
bool works_in_place(const ops::Params& params) {
  return std::holds_alternative<ops::ActivationForward>(params) ||
         std::holds_alternative<ops::ActivationBackward>(params) ||
         std::holds_alternative<ops::Add>(params) || std::holds_alternative<ops::Binary>(params) ||
         std::holds_alternative<ops::ScaleShift>(params) || std::holds_alternative<ops::Dropout>(params) ||
         std::holds_alternative<ops::GaussianNoise>(params) ||
         std::holds_alternative<ops::BatchNormalizationTrainingBackward>(params);
}

/// The inputs that an op's output may lie over. Of an 8-bit convolution it is the residual, which is added
/// where it lies.
std::vector<ops::ValueId> replaceable(const ops::Op& op, const ops::Graph& graph) {
  if (works_in_place(op.params)) return op.inputs;
  if (!std::holds_alternative<ops::Convolution>(op.params) || op.inputs[3] == ops::kAbsent) return {};
  const DType dtype = graph.value(op.outputs[0]).dtype;
  if (dtype != DType::uint8 && dtype != DType::int8) return {};
  return {op.inputs[3]};
}

class Planner {
 public:
  Planner(const Program& program, const std::vector<bool>& from_weights)
      : program_(program),
        from_weights_(from_weights),
        root_(program.graph.values().size()),
        last_(root_.size(), -1),
        segment_(root_.size(), nullptr) {
    std::iota(root_.begin(), root_.end(), 0);
  }

  MemoryPlan run() {
    find_last_uses();
    share();
    return place();
  }

 private:
  [[nodiscard]] static std::size_t index(ops::ValueId id) { return static_cast<std::size_t>(id); }
  [[nodiscard]] bool in_arena(ops::ValueId id) const {
    return id != ops::kAbsent && !from_weights_[index(id)] &&
           program_.graph.value(id).kind == ops::ValueKind::computed;
  }
  [[nodiscard]] std::size_t bytes_of(ops::ValueId id) const {
    const ops::Value& value = program_.graph.value(id);
    auto bytes = static_cast<std::size_t>(value.shape.count()) * size_of(value.dtype);
    if (is_inside(id)) {
      const auto share = static_cast<std::size_t>(value.shape[0] / segment_[index(id)]->samples);
      bytes /= share;
    }
    return whole_lines(bytes);
  }

  /// Lives in one segment and holds its samples alone.
  [[nodiscard]] bool is_inside(ops::ValueId id) const {
    return index(id) < program_.inside_segment.size() && program_.inside_segment[index(id)];
  }

  void find_last_uses() {
    const auto& all = program_.graph.ops();
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Segment* segment = segment_of(program_, i);
      for (const auto* list : {&all[i].inputs, &all[i].outputs}) {
        for (const ops::ValueId id : *list) {
          if (id == ops::kAbsent) continue;
          segment_[index(id)] = segment;
          // What comes from before a segment is read until the segment's last round.
          const bool whole = segment != nullptr && !is_inside(id);
          last_[index(id)] = static_cast<int>(whole ? segment->end - 1 : i);
        }
      }
    }
    for (const ops::ValueId output : program_.outputs) last_[index(output)] = kForever;
    for (const auto& [weight, gradient] : program_.gradients) last_[index(gradient)] = kForever;
  }

  void share() {
    const auto& all = program_.graph.ops();
    for (std::size_t i = 0; i < all.size(); ++i) {
      const ops::Op& op = all[i];
      if (std::holds_alternative<ops::Reshape>(op.params)) {
        unite(op.inputs[0], op.outputs[0]);
      } else if (op.outputs[0] != ops::kAbsent) {
        for (const ops::ValueId input : replaceable(op, program_.graph)) {
          if (input == ops::kAbsent) continue;
          // A view of a given input or of a weight is not the plan's to write over.
          const bool ours = in_arena(input) && in_arena(root_[index(input)]);
          const bool dies_here = ours && last_[index(root_[index(input)])] == static_cast<int>(i);
          // Of equal shape: an input that is broadcast is read again after the output is written.
          const bool fits = program_.graph.shape(input) == program_.graph.shape(op.outputs[0]);
          if (!dies_here || !fits) continue;
          if (std::ranges::count(op.inputs, input) > 1) continue;
          // Nor may one of them be whole and the other hold a few samples.
          const bool alike = program_.graph.value(input).dtype == program_.graph.value(op.outputs[0]).dtype &&
                             is_inside(input) == is_inside(op.outputs[0]);
          if (!alike) continue;
          unite(input, op.outputs[0]);
          break;
        }
      }
    }
  }

  /// The output, met here for the first time, joins the input's block.
  void unite(ops::ValueId input, ops::ValueId output) {
    const int root = root_[index(input)];
    root_[index(output)] = root;
    last_[index(root)] = std::max(last_[index(root)], last_[index(output)]);
  }

  MemoryPlan place() {
    const auto& all = program_.graph.ops();
    std::vector<Block> blocks(root_.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (const ops::ValueId id : all[i].outputs) {
        if (!in_arena(id)) continue;
        Block& block = blocks[index(root_[index(id)])];
        const Segment* segment = segment_of(program_, i);
        const bool whole = segment != nullptr && !is_inside(id);
        block.begin = std::min(block.begin, static_cast<int>(whole ? segment->begin : i));
        block.end = last_[index(root_[index(id)])];
        block.bytes = std::max(block.bytes, bytes_of(id));
        if (is_inside(id) && segment->at_once > 1) block.at_once = segment;
      }
    }
    MemoryPlan plan;
    plan.thread_stride.assign(root_.size(), 0);
    plan.bytes = assign_offsets(blocks);
    plan.offset.assign(root_.size(), MemoryPlan::kNoSlot);
    for (std::size_t v = 0; v < root_.size(); ++v) {
      const Block& block = blocks[index(root_[v])];
      const bool computed = program_.graph.values()[v].kind == ops::ValueKind::computed;
      if (!computed || !in_arena(root_[v]) || block.end < 0) continue;
      plan.offset[v] = block.offset;
      plan.thread_stride[v] = block.thread_stride;
    }
    return plan;
  }

  /// Of all blocks in the workspace; the bytes that it takes.
  std::size_t assign_offsets(std::vector<Block>& blocks) const {
    std::vector<Block> areas = areas_of_segments(blocks);
    std::vector<Block*> whole;
    whole.reserve(areas.size());
    for (Block& area : areas) whole.push_back(&area);
    for (Block& block : blocks) {
      if (block.bytes > 0 && block.at_once == nullptr) whole.push_back(&block);
    }
    const std::size_t total = assign_offsets(std::move(whole));
    for (Block& block : blocks) {
      if (block.at_once != nullptr)
        block.offset += areas[static_cast<std::size_t>(block.at_once - program_.segments.data())].offset;
    }
    return total;
  }

  /// For each segment a block with what its threads hold at once, one thread's behind the other's; offsets of
  /// the blocks inside are set to those in the first thread's.
  [[nodiscard]] std::vector<Block> areas_of_segments(std::vector<Block>& blocks) const {
    std::vector<Block> areas(program_.segments.size());
    for (std::size_t i = 0; i < areas.size(); ++i) {
      const Segment& segment = program_.segments[i];
      std::vector<Block*> inside;
      for (Block& block : blocks) {
        if (block.at_once == &segment) inside.push_back(&block);
      }
      const std::size_t bytes = assign_offsets(inside);
      for (Block* block : inside) block->thread_stride = bytes;
      areas[i] = {.begin = static_cast<int>(segment.begin),
                  .end = static_cast<int>(segment.end) - 1,
                  .bytes = bytes * static_cast<std::size_t>(segment.at_once)};
    }
    return areas;
  }

  /// Largest first, each at the lowest place that is free for its whole life; the bytes that all take.
  static std::size_t assign_offsets(std::vector<Block*> blocks) {
    std::ranges::stable_sort(blocks, std::greater{}, [](const Block* block) { return block->bytes; });
    std::vector<const Block*> placed;
    std::size_t total = 0;
    for (Block* block : blocks) {
      std::vector<const Block*> rivals;
      for (const Block* other : placed) {
        if (other->begin <= block->end && block->begin <= other->end) rivals.push_back(other);
      }
      std::ranges::sort(rivals, {}, [](const Block* other) { return other->offset; });
      std::size_t offset = 0;
      for (const Block* other : rivals) {
        if (offset + block->bytes <= other->offset) break;
        offset = std::max(offset, other->offset + other->bytes);
      }
      block->offset = offset;
      total = std::max(total, offset + block->bytes);
      placed.push_back(block);
    }
    return total;
  }

  const Program& program_;
  const std::vector<bool>& from_weights_;
  std::vector<int> root_;
  std::vector<int> last_;
  std::vector<const Segment*> segment_;  ///< by value: the segment of its last use
};

}  // namespace

MemoryPlan plan_memory(const Program& program, const std::vector<bool>& from_weights) {
  return Planner(program, from_weights).run();
}

}  // namespace graft::plan
