// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/parallel.hpp"
#include "graft/ops/op_info.hpp"
#include "graft/plan/passes.hpp"

namespace graft::plan {
namespace {

/// A segment's chunk may be at most this many times smaller than the chunk any of its ops would pick alone.
constexpr std::int64_t kMostTooFew = 4;
/// Chunks of the backward pass are this many times larger: the results of the forward pass come from memory
/// anyway, and sums over fewer samples take longer.
constexpr double kMoreBackward = 4;
/// A sum over the samples is added up chunk by chunk only if this many of it fit into the cache bytes.
constexpr double kFewestSums = 4;
/// A segment of the backward pass ends where the results it leaves are this many times smaller than its
/// largest value.
constexpr double kLittleLeft = 4;

/// Whether the op may run for a few samples at a time.
bool is_chunked(const ops::Op& op) { return ops::traits(op.params).samples == ops::Samples::chunks; }

/// 8-bit kernels would hold their packed weights once per thread.
bool has_float_arguments(const ops::Op& op, const ops::Graph& graph) {
  const auto is_float = [&](ops::ValueId id) {
    if (id == ops::kAbsent) return true;
    const DType dtype = graph.value(id).dtype;
    return dtype == DType::float32 || dtype == DType::bfloat16;
  };
  return std::ranges::all_of(op.inputs, is_float) && std::ranges::all_of(op.outputs, is_float);
}

class BatchSplitter {
 public:
  BatchSplitter(Program& program, std::size_t cache_bytes)
      : program_(program),
        cache_bytes_(static_cast<double>(cache_bytes)),
        from_weights_(made_from_weights(program.graph)),
        uses_(program),
        batch_(program.graph.shape(program.inputs.front())[0]) {}

  void run() {
    if (batch_ < 2) return;
    const std::size_t forward = program_.forward_ops;
    const std::size_t all = program_.graph.ops().size();
    at_once_ = threads_at_once(0, forward);
    for (std::size_t i = 0; i < forward; ++i) {
      if (i == program_.frozen_ops)
        close(i);  // the values between the two parts are needed for the whole batch
      visit(i);
    }
    close(forward);
    at_once_ = threads_at_once(forward, all);
    cache_bytes_ *= kMoreBackward;
    for (std::size_t i = forward; i < all; ++i) {
      if (open_ && is_time_to_free(i)) close(i);
      visit(i);
    }
    close(all);
    std::erase_if(program_.segments, [&](const Segment& segment) {
      return segment.samples == batch_ || segment.end - segment.begin < 2;
    });
    find_inside();
  }

 private:
  [[nodiscard]] bool is_weight(ops::ValueId value) const {
    return value == ops::kAbsent || from_weights_[index(value)];
  }
  [[nodiscard]] bool is_summed(ops::ValueId value) const {
    return value != ops::kAbsent && program_.summed[index(value)];
  }
  [[nodiscard]] bool is_batched(ops::ValueId value) const {
    const Shape& shape = program_.graph.shape(value);
    return shape.rank() > 1 && shape[0] == batch_;
  }

  /// Whether the convolution's kernel is computed in each run: packing it is then work for all threads.
  [[nodiscard]] bool has_computed_kernel(const ops::Op& op) const {
    if (std::holds_alternative<ops::Convolution>(op.params))
      return !is_weight(op.in(ops::Convolution::In::kernel));
    return std::holds_alternative<ops::ConvolutionBackwardInput>(op.params) &&
           !is_weight(op.in(ops::ConvolutionBackwardInput::In::kernel));
  }

  /// All threads, if the batch can be divided among them and each of these ops that may be in a segment
  /// allows it; else 1.
  [[nodiscard]] int threads_at_once(std::size_t begin, std::size_t end) const {
    const int threads = num_threads();
    if (threads == 1 || batch_ % threads != 0) return 1;
    for (std::size_t i = begin; i < end; ++i) {
      const ops::Op& op = program_.graph.ops()[i];
      if (is_chunked(op) && (!has_float_arguments(op, program_.graph) || has_computed_kernel(op))) return 1;
    }
    return threads;
  }

  /// The op's own chunk size; 0: cannot be split, -1: has no samples.
  [[nodiscard]] std::int64_t wanted(const ops::Op& op) const {
    double bytes = 0;
    bool any = false;
    if (std::ranges::any_of(op.inputs, [&](ops::ValueId id) { return is_summed(id); })) return 0;
    for (const auto* list : {&op.inputs, &op.outputs}) {
      for (const ops::ValueId id : *list) {
        if (is_weight(id)) continue;
        any = true;
        const ops::Value& value = program_.graph.value(id);
        if (is_summed(id)) {
          if (kFewestSums * static_cast<double>(value.shape.count()) * sizeof(float) > cache_bytes_) return 0;
          continue;
        }
        if (!is_batched(id)) return 0;
        bytes += static_cast<double>(value.shape.count()) / static_cast<double>(batch_) *
                 static_cast<double>(size_of(value.dtype));
      }
    }
    if (!any) return -1;
    if (!is_chunked(op)) return 0;
    const std::int64_t most = batch_ / at_once_;
    auto samples =
        std::clamp<std::int64_t>(static_cast<std::int64_t>(cache_bytes_ / at_once_ / bytes), 1, most);
    while (most % samples != 0) --samples;
    return samples;
  }

  void visit(std::size_t i) {
    const ops::Op& op = program_.graph.ops()[i];
    const std::int64_t samples = wanted(op);
    if (samples < 0 || ops::is_view(op)) {
      if (samples == 0) close(i);
      return;
    }
    if (samples == 0) return close(i);
    if (!open_) return start(i, samples);
    const std::int64_t fewest = std::min(samples, current_.samples);
    const std::int64_t most = std::max(samples, most_wanted_);
    if (most > kMostTooFew * fewest) {
      close(i);
      return start(i, samples);
    }
    current_.samples = fewest;
    most_wanted_ = most;
  }

  [[nodiscard]] double bytes_of(ops::ValueId id) const {
    const ops::Value& value = program_.graph.value(id);
    return static_cast<double>(value.shape.count()) * static_cast<double>(size_of(value.dtype));
  }
  /// Whether the open segment of the backward pass should end before op i: the values that it read for the
  /// last time, which are kept until its end, are large, and those that it leaves for other segments are
  /// small, as at the end of a block of layers.
  [[nodiscard]] bool is_time_to_free(std::size_t i) const {
    double freed = 0, left = 0, largest = 0;
    for (std::size_t at = current_.begin; at < i; ++at) {
      const ops::Op& op = program_.graph.ops()[at];
      for (const ops::ValueId id : op.inputs) {
        if (is_weight(id)) continue;
        const bool is_from_before = uses_.producer(id) < static_cast<int>(current_.begin);
        if (is_from_before && uses_.last_read(id) == static_cast<int>(at)) freed += bytes_of(id);
      }
      for (const ops::ValueId id : op.outputs) {
        if (is_weight(id) || is_summed(id)) continue;
        largest = std::max(largest, bytes_of(id));
        if (uses_.last_read(id) >= static_cast<int>(i)) left += bytes_of(id);
      }
    }
    return freed > cache_bytes_ / kMoreBackward && kLittleLeft * left <= largest;
  }
  void start(std::size_t i, std::int64_t samples) {
    current_ = {.begin = i, .samples = samples, .at_once = at_once_};
    most_wanted_ = samples;
    open_ = true;
  }
  void close(std::size_t i) {
    if (!open_) return;
    current_.end = i;
    program_.segments.push_back(current_);
    open_ = false;
  }

  /// A value and its views share memory: all of them are inside, or none.
  void find_inside() {
    const auto& all = program_.graph.ops();
    const std::size_t count = program_.graph.values().size();
    const std::vector<ops::ValueId> root = roots_of_views(program_.graph);
    std::vector<const Segment*> where(count, nullptr);
    std::vector<bool> inside(count, true);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Segment* segment = segment_of(program_, i);
      for (const auto* list : {&all[i].inputs, &all[i].outputs}) {
        for (const ops::ValueId id : *list) {
          if (id == ops::kAbsent) continue;
          const auto at = index(root[index(id)]);
          if (segment == nullptr || is_weight(id) || is_summed(id) ||
              (where[at] != nullptr && where[at] != segment))
            inside[at] = false;
          where[at] = segment;
          if (!program_.graph.value(id).is_computed()) inside[at] = false;
        }
      }
    }
    for (const ops::ValueId output : program_.outputs) inside[index(root[index(output)])] = false;
    program_.inside_segment.resize(count);
    for (std::size_t v = 0; v < count; ++v)
      program_.inside_segment[v] = inside[index(root[v])] && where[index(root[v])] != nullptr;
  }

  Program& program_;
  double cache_bytes_;
  std::vector<bool> from_weights_;
  Uses uses_;
  std::int64_t batch_;
  int at_once_ = 1;
  Segment current_;
  std::int64_t most_wanted_ = 0;  ///< by an op of the current segment
  bool open_ = false;
};

}  // namespace

void split_batch(Program& program, std::size_t cache_bytes) { BatchSplitter(program, cache_bytes).run(); }

}  // namespace graft::plan
