// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "graft/ops/op_info.hpp"
#include "graft/plan/passes.hpp"

namespace graft::plan {
namespace {

/// A product of fewer multiplications a sample costs less than the conversion of its input to 8 bits.
constexpr std::int64_t kSmallestProduct = 1 << 16;

/// Ops whose outputs are elements of their inputs, or zero: all arguments have one scale.
bool moves(const ops::Op& op) {
  const ops::OpTraits traits = ops::traits(op.params);
  return traits.eight_bits == ops::EightBits::passed_on && traits.data != ops::Data::computed;
}
/// Ops that compute new 8-bit numbers by way of float32.
bool recomputes(const ops::Op& op) {
  const ops::OpTraits traits = ops::traits(op.params);
  return traits.eight_bits == ops::EightBits::passed_on && traits.data == ops::Data::computed;
}
bool is_low_input(const ops::Op& op, std::size_t i) {
  return ops::info(op.params).inputs.at(i).has(ops::ArgumentTrait::low_precision);
}

/// Whole numbers times a scale.
struct Grid {
  DType dtype = DType::float32;
  float scale = 1;
};

/// 0..255 for what is never negative, else -127..127.
Grid grid_of(const ValueRange& range) {
  if (range.low >= 0) return {DType::uint8, range.high > 0 ? range.high / 255 : 1.0F};
  return {DType::int8, std::max(-range.low, range.high) / 127};
}

/// Goes through the ops in order. Products whose input has a known range multiply 8-bit numbers; their
/// results stay 8 bits up to an op that must be exact, as in mix_precision.
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
      if (!makes_weights(op, from_weights_)) quantize(op);
      graph_.add_op(std::move(op));
    }
    program_.forward_ops = graph_.ops().size();
  }

 private:
  /// Values that ops only move have one grid: that of the range of all of them together.
  void find_grids(const ValueRanges& known) {
    std::vector<std::size_t> root(graph_.values().size());
    std::iota(root.begin(), root.end(), 0U);
    const auto find = [&](std::size_t v) {
      while (root[v] != v) v = root[v];
      return v;
    };
    for (const ops::Op& op : graph_.ops()) {
      if (!moves(op)) continue;
      for (const ops::ValueId input : op.inputs) root[find(index(input))] = find(index(op.outputs[0]));
    }
    std::map<std::size_t, ValueRange> ranges;
    for (std::size_t v = 0; v < root.size(); ++v) {
      const auto found = known.ranges.find(graph_.values()[v].name);
      if (found == known.ranges.end()) continue;
      ValueRange& range = ranges.try_emplace(find(v), found->second).first->second;
      range = {std::min(range.low, found->second.low), std::max(range.high, found->second.high)};
    }
    grids_.resize(root.size());
    for (std::size_t v = 0; v < root.size(); ++v) {
      const auto range = ranges.find(find(v));
      if (range != ranges.end()) grids_[v] = grid_of(range->second);
    }
  }

  /// Outputs, and the scores that a final softmax, activation or view computes them from.
  void find_answers() {
    answers_.insert(program_.outputs.begin(), program_.outputs.end());
    for (std::size_t i = graph_.ops().size(); i-- > 0;) {
      const ops::Op& op = graph_.ops()[i];
      if (ops::traits(op.params).rare.ends_model && answers_.contains(op.outputs[0]))
        answers_.insert(op.inputs[0]);
    }
  }

  /// Outputs, values without a range, and values that no reader accepts in 8 bits.
  void find_exact() {
    exact_.assign(graph_.values().size(), true);
    // Walk backwards: an output's status must be known before its inputs are decided.
    for (std::size_t i = graph_.ops().size(); i-- > 0;) {
      const ops::Op& op = graph_.ops()[i];
      const bool product = is_product(op);
      if (!product && !recomputes(op) && !(moves(op) && !is_exact(op.outputs[0]))) continue;
      for (std::size_t k = 0; k < op.inputs.size(); ++k) {
        if (op.inputs[k] != ops::kAbsent && !(product && !is_low_input(op, k)) && has_grid(op.inputs[k]))
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

  /// A convolution or Dense that is large enough. The Dense that computes the answer stays exact.
  [[nodiscard]] bool is_product(const ops::Op& op) const {
    if (ops::traits(op.params).eight_bits != ops::EightBits::product) return false;
    if (std::holds_alternative<ops::Dense>(op.params) && answers_.contains(op.outputs[0])) return false;
    for (std::size_t k = 0; k < op.inputs.size(); ++k) {
      if (!is_low_input(op, k) && !is_weight(op.inputs[k])) return false;  // cannot be packed
    }
    if (!has_grid(op.inputs[0]) || float32_layers_.contains(op.layer)) return false;
    const Shape& y = graph_.shape(op.outputs[0]);
    const std::int64_t each = graph_.shape(op.inputs[1]).count() / std::max<std::int64_t>(1, y[-1]);
    return y.count() / std::max<std::int64_t>(1, y[0]) * each >= kSmallestProduct;
  }

  void set_low(ops::ValueId value) {
    graph_.value(value).dtype = grids_[index(value)].dtype;
    graph_.value(value).scale = grids_[index(value)].scale;
  }
  /// Makes the output 8 bits where that is wanted; returns whether it has them.
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
      graph_.add_op({ops::Cast{}, {value}, {entry->second}, layer});
    }
    return entry->second;
  }
  void keep_exact(ops::Op& op) {
    for (ops::ValueId& input : op.inputs) input = as(input, false, op.layer);
  }

  void quantize(ops::Op& op) {
    if (is_product(op)) return product(op);
    if (moves(op)) return move(op);
    if (recomputes(op)) {
      if (std::ranges::any_of(op.inputs, [&](ops::ValueId input) { return is_low(input); }))
        lower(op.outputs[0]);
      return;
    }
    keep_exact(op);
  }
  void product(ops::Op& op) {
    op.inputs[0] = as(op.inputs[0], true, op.layer);
    const bool convolution = std::holds_alternative<ops::Convolution>(op.params);
    const ops::ValueId residual = convolution ? op.in(ops::Convolution::In::residual) : ops::kAbsent;
    // A residual is added in the result's type.
    const bool may_be_low = residual == ops::kAbsent || is_low(residual) || has_grid(residual);
    const bool low = may_be_low && lower(op.outputs[0]);
    if (residual != ops::kAbsent) op.set_in(ops::Convolution::In::residual, as(residual, low, op.layer));
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
