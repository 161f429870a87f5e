// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <type_traits>
#include <utility>

#include "graft/plan/value_ranges.hpp"

#include "plan/program.hpp"

namespace graft::plan {
namespace {

/// A product of fewer multiplications a sample costs less than turning its input to 8 bits would gain.
constexpr std::int64_t kSmallestProduct = 1 << 16;

/// Ops that compute something new of 8-bit numbers, by way of float32.
template <typename Op>
constexpr bool kComputesAnew =
    kIsOneOf<Op, ops::ActivationForward, ops::ScaleShift, ops::GlobalPool, ops::Add, ops::Binary>;

/// Ops that give out some of the numbers they take in, or zero: all arguments have one scale.
bool moves(const ops::Params& params) {
  return std::visit(
      []<typename Op>(const Op& op) {
        if constexpr (std::is_same_v<Op, ops::Pool>) return op.kind == ops::PoolKind::max;
        return kIsOneOf<Op, ops::Pad, ops::Crop, ops::Concatenate, ops::Slice, ops::Reshape>;
      },
      params);
}

bool passes_on(const ops::Params& params) {
  return std::visit([]<typename Op>(const Op&) { return kComputesAnew<Op> || std::is_same_v<Op, ops::Pool>; },
                    params) &&
         !moves(params);
}

/// Whole numbers times a scale.
struct Grid {
  DType dtype = DType::float32;
  float scale = 1;
};

/// 0..255 for what is never negative, else -127..127.
Grid grid_of(const Range& range) {
  if (range.low >= 0) return {DType::uint8, range.high > 0 ? range.high / 255 : 1.0F};
  return {DType::int8, std::max(-range.low, range.high) / 127};
}

/// Goes through the ops in order. Products whose input's range is known take 8-bit numbers; what comes out of
/// them stays 8 bits up to an op that is to be exact, as in mix_precision.
class Quantizer {
 public:
  Quantizer(Program& program, const ValueRanges& known)
      : program_(program),
        graph_(program.graph),
        float32_layers_(known.float32_layers),
        from_weights_(made_from_weights(program.graph)) {
    find_grids(known);
    find_answers();
    find_exact();
  }

  void run() {
    std::vector<ops::Op> before = std::move(graph_.ops());
    graph_.ops().clear();
    for (ops::Op& op : before) {
      if (!made_from_weights_alone(op)) quantize(op);
      graph_.append(std::move(op));
    }
    program_.forward_ops = graph_.ops().size();
  }

 private:
  static std::size_t index(ops::ValueId value) { return static_cast<std::size_t>(value); }

  /// Values that ops only move have one grid: that of the range of all of them together.
  void find_grids(const ValueRanges& known) {
    std::vector<std::size_t> root(graph_.values().size());
    std::iota(root.begin(), root.end(), 0U);
    const auto find = [&](std::size_t v) {
      while (root[v] != v) v = root[v];
      return v;
    };
    for (const ops::Op& op : graph_.ops()) {
      if (!moves(op.params)) continue;
      for (const ops::ValueId input : op.inputs) root[find(index(input))] = find(index(op.outputs[0]));
    }
    std::map<std::size_t, Range> ranges;
    for (std::size_t v = 0; v < root.size(); ++v) {
      const auto found = known.ranges.find(graph_.values()[v].name);
      if (found == known.ranges.end()) continue;
      Range& range = ranges.try_emplace(find(v), found->second).first->second;
      range = {std::min(range.low, found->second.low), std::max(range.high, found->second.high)};
    }
    grids_.resize(root.size());
    for (std::size_t v = 0; v < root.size(); ++v) {
      const auto range = ranges.find(find(v));
      if (range != ranges.end()) grids_[v] = grid_of(range->second);
    }
  }

  /// What is given to the outside, and what a softmax or another function of single numbers makes it of.
  void find_answers() {
    answers_.insert(program_.outputs.begin(), program_.outputs.end());
    for (std::size_t i = graph_.ops().size(); i-- > 0;) {
      const ops::Op& op = graph_.ops()[i];
      const bool single = std::holds_alternative<ops::Softmax>(op.params) ||
                          std::holds_alternative<ops::ActivationForward>(op.params) ||
                          std::holds_alternative<ops::Reshape>(op.params);
      if (single && answers_.contains(op.outputs[0])) answers_.insert(op.inputs[0]);
    }
  }

  /// What is given to the outside, what has no range, and what no reader would take in 8 bits.
  void find_exact() {
    exact_.assign(graph_.values().size(), true);
    // From the back, so that it is known of what an op gives out when its inputs are asked for.
    for (std::size_t i = graph_.ops().size(); i-- > 0;) {
      const ops::Op& op = graph_.ops()[i];
      const bool product = is_product(op);
      if (!product && !passes_on(op.params) && !(moves(op.params) && !is_exact(op.outputs[0]))) continue;
      for (std::size_t k = 0; k < op.inputs.size(); ++k) {
        if (op.inputs[k] != ops::kAbsent && !(product && (k == 1 || k == 2)) && has_grid(op.inputs[k]))
          exact_[index(op.inputs[k])] = false;
      }
    }
    for (const ops::ValueId output : program_.outputs) exact_[index(output)] = true;
  }

  [[nodiscard]] bool has_grid(ops::ValueId value) const {
    return index(value) < grids_.size() && grids_[index(value)].dtype != DType::float32;
  }
  [[nodiscard]] bool is_exact(ops::ValueId value) const { return exact_[index(value)]; }
  [[nodiscard]] bool is_low(ops::ValueId value) const {
    return value != ops::kAbsent && graph_.value(value).dtype != DType::float32;
  }
  [[nodiscard]] bool is_weight(ops::ValueId value) const {
    return value == ops::kAbsent || from_weights_[index(value)];
  }

  /// A convolution or Dense that is worth it. The Dense that gives the answer stays exact.
  [[nodiscard]] bool is_product(const ops::Op& op) const {
    const bool dense = std::holds_alternative<ops::Dense>(op.params);
    if (!dense && !std::holds_alternative<ops::Convolution>(op.params)) return false;
    if (dense && answers_.contains(op.outputs[0])) return false;
    const bool packed = is_weight(op.inputs[1]) && (op.inputs.size() < 3 || is_weight(op.inputs[2]));
    if (!packed || !has_grid(op.inputs[0]) || float32_layers_.contains(op.layer)) return false;
    const Shape& y = graph_.shape(op.outputs[0]);
    const std::int64_t each = graph_.shape(op.inputs[1]).count() / std::max<std::int64_t>(1, y[-1]);
    return y.count() / std::max<std::int64_t>(1, y[0]) * each >= kSmallestProduct;
  }

  [[nodiscard]] bool made_from_weights_alone(const ops::Op& op) const {
    return std::ranges::all_of(op.outputs, [&](ops::ValueId output) { return is_weight(output); });
  }

  void set_low(ops::ValueId value) {
    graph_.value(value).dtype = grids_[index(value)].dtype;
    graph_.value(value).scale = grids_[index(value)].scale;
  }
  /// Gives the output 8 bits where that is wanted; says whether it has them.
  bool lower(ops::ValueId value) {
    if (!is_exact(value) && has_grid(value)) set_low(value);
    return is_low(value);
  }
  /// The value in 8 bits or in float32; each value is cast once.
  ops::ValueId as(ops::ValueId value, bool low, const std::string& layer) {
    if (value == ops::kAbsent || is_low(value) == low) return value;
    const auto [entry, fresh] = casts_.try_emplace(value, ops::kAbsent);
    if (fresh) {
      entry->second = graph_.new_value(graph_.shape(value));
      if (low) {
        graph_.value(entry->second).dtype = grids_[index(value)].dtype;
        graph_.value(entry->second).scale = grids_[index(value)].scale;
      }
      graph_.append({ops::Cast{}, {value}, {entry->second}, layer});
    }
    return entry->second;
  }
  void keep_exact(ops::Op& op) {
    for (ops::ValueId& input : op.inputs) input = as(input, false, op.layer);
  }

  void quantize(ops::Op& op) {
    if (is_product(op)) return product(op);
    if (moves(op.params)) return move(op);
    if (passes_on(op.params)) {
      if (std::ranges::any_of(op.inputs, [&](ops::ValueId input) { return is_low(input); }))
        lower(op.outputs[0]);
      return;
    }
    keep_exact(op);
  }
  void product(ops::Op& op) {
    op.inputs[0] = as(op.inputs[0], true, op.layer);
    const bool residual = op.inputs.size() > 3 && op.inputs[3] != ops::kAbsent;
    // A residual is added in the result's size.
    const bool may_be_low = !residual || is_low(op.inputs[3]) || has_grid(op.inputs[3]);
    const bool low = may_be_low && lower(op.outputs[0]);
    if (residual) op.inputs[3] = as(op.inputs[3], low, op.layer);
  }
  void move(ops::Op& op) {
    const bool any = std::ranges::any_of(op.inputs, [&](ops::ValueId input) { return is_low(input); });
    const bool low = any && lower(op.outputs[0]);
    for (ops::ValueId& input : op.inputs) input = as(input, low, op.layer);
  }

  Program& program_;
  ops::Graph& graph_;
  const std::set<std::string>& float32_layers_;
  std::vector<bool> from_weights_;
  std::vector<Grid> grids_;  ///< by value: its 8 bits; float32: its range is not known
  std::set<ops::ValueId> answers_;
  std::vector<bool> exact_;  ///< by value: stays float32
  std::map<ops::ValueId, ops::ValueId> casts_;
};

}  // namespace

void quantize(Program& program, const ValueRanges& ranges) { Quantizer(program, ranges).run(); }

}  // namespace graft::plan
