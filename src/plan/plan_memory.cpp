// SPDX-License-Identifier: Apache-2.0
#include "plan/plan_memory.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "graft/base/cache_line.hpp"
#include "graft/ops/op_info.hpp"

namespace graft::plan {
namespace {

constexpr int kForever = std::numeric_limits<int>::max();

/// Values that share memory (a Reshape and its input, an in-place op's output and its input) form one block.
struct Block {
  int begin = kForever, end = -1;  ///< indices of the ops that first write and last read it
  std::size_t bytes = 0;
  std::size_t offset = 0;
  std::size_t thread_stride = 0;     ///< from one thread's copy to the next
  const Segment* at_once = nullptr;  ///< its segment, where each thread has a copy
};

/// Whether the op's first output may be written over input number i, of the same shape and type.
bool is_replaceable(const ops::Op& op, std::size_t i, DType output) {
  const ops::ArgumentInfo& input = ops::info(op.params).inputs.at(i);
  const bool eight_bits = output == DType::uint8 || output == DType::int8;
  return input.has(ops::ArgumentTrait::in_place) ||
         (eight_bits && input.has(ops::ArgumentTrait::in_place_8bit));
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
  [[nodiscard]] bool in_arena(ops::ValueId id) const {
    return id != ops::kAbsent && !from_weights_[index(id)] && program_.graph.value(id).is_computed();
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

  /// Used in one segment only, and holds one chunk.
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
          // A value from before a segment is read until the segment's last chunk.
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
      if (ops::is_view(op)) {
        unite(op.inputs[0], op.outputs[0]);
      } else if (op.outputs[0] != ops::kAbsent) {
        const std::optional<ops::ValueId> input = find_replaceable(i);
        if (input) unite(*input, op.outputs[0]);
      }
    }
  }
  /// An input of op number i that its first output may be written over: it is not read afterwards.
  [[nodiscard]] std::optional<ops::ValueId> find_replaceable(std::size_t i) const {
    const ops::Op& op = program_.graph.ops()[i];
    const ops::ValueId output = op.outputs[0];
    const ops::Value& result = program_.graph.value(output);
    for (std::size_t k = 0; k < op.inputs.size(); ++k) {
      const ops::ValueId input = op.inputs[k];
      if (input == ops::kAbsent || !is_replaceable(op, k, result.dtype)) continue;
      // A view of a given input or of a weight must not be written over.
      const bool ours = in_arena(input) && in_arena(root_[index(input)]);
      if (!ours || last_[index(root_[index(input)])] != static_cast<int>(i)) continue;
      // A broadcast input is read again after the output is written, and so is one that is read twice.
      const ops::Value& value = program_.graph.value(input);
      if (value.shape != result.shape || std::ranges::count(op.inputs, input) > 1) continue;
      // Nor may one of them hold the whole batch and the other a chunk.
      if (value.dtype == result.dtype && is_inside(input) == is_inside(output)) return input;
    }
    return std::nullopt;
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
      const bool computed = program_.graph.values()[v].is_computed();
      if (!computed || !in_arena(root_[v]) || block.end < 0) continue;
      plan.offset[v] = block.offset;
      plan.thread_stride[v] = block.thread_stride;
    }
    return plan;
  }

  /// Places all blocks in the workspace; returns its bytes.
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

  /// For each segment a block for the copies of all threads, one after the other; offsets of the blocks
  /// inside are set to those within the first copy.
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

  /// Largest first, each at the lowest offset that is free for its whole life; returns the bytes of all.
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
