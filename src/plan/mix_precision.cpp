// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <utility>

#include "graft/ops/op_info.hpp"
#include "graft/plan/passes.hpp"

namespace graft::plan {
namespace {

/// What mix_precision does with the op in this mode.
ops::Bfloat16 use_of(const ops::Op& op, bool training) {
  const ops::Bfloat16 use = ops::traits(op.params).bfloat16;
  if (use != ops::Bfloat16::product_in_inference) return use;
  return training ? ops::Bfloat16::exact : ops::Bfloat16::product;
}

/// Goes through the ops in order and decides the type that each computes in. A product (convolution, in
/// inference Dense too) multiplies bfloat16 factors; its result stays bfloat16 through the ops that only pass
/// elements on, up to an op that must be exact: a softmax, the head in training, the output.
class PrecisionMixer {
 public:
  explicit PrecisionMixer(Program& program)
      : program_(program), graph_(program.graph), from_weights_(made_from_weights(program.graph)) {
    find_exact();
    find_read_by_products();
  }

  void run() {
    std::vector<ops::Op> before = std::move(graph_.ops());
    graph_.ops().clear();
    std::size_t forward = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (i == program_.forward_ops) forward = graph_.ops().size();
      ops::Op op = std::move(before[i]);
      mix(op);
      graph_.add_op(std::move(op));
    }
    program_.forward_ops = program_.forward_ops == before.size() ? graph_.ops().size() : forward;
  }

 private:
  /// Outputs, and values that no reader accepts as bfloat16.
  void find_exact() {
    exact_.assign(graph_.values().size(), true);
    for (const ops::Op& op : graph_.ops()) {
      if (use_of(op, program_.training) == ops::Bfloat16::exact) continue;
      for (const ops::ValueId input : op.inputs) {
        if (input != ops::kAbsent) exact_[index(input)] = false;
      }
    }
    for (const ops::ValueId output : program_.outputs) exact_[index(output)] = true;
    for (const auto& [weight, gradient] : program_.gradients) exact_[index(gradient)] = true;
  }
  /// Values that only convolutions read.
  void find_read_by_products() {
    read_by_products_.assign(graph_.values().size(), true);
    for (const ops::Op& op : graph_.ops()) {
      const bool is_product = ops::traits(op.params).bfloat16 == ops::Bfloat16::product;
      for (const ops::ValueId input : op.inputs) {
        if (input != ops::kAbsent && !is_product) read_by_products_[index(input)] = false;
      }
    }
  }
  [[nodiscard]] bool is_low(ops::ValueId value) const {
    return value != ops::kAbsent && graph_.value(value).dtype == DType::bfloat16;
  }
  void lower(ops::ValueId value) {
    if (value == ops::kAbsent || exact_[index(value)]) return;
    graph_.value(value).dtype = DType::bfloat16;
  }
  /// The value in another element type; each value is cast once.
  ops::ValueId as(ops::ValueId value, DType dtype, const std::string& layer) {
    if (value == ops::kAbsent || graph_.value(value).dtype == dtype) return value;
    const auto [entry, fresh] = casts_.try_emplace(value, ops::kAbsent);
    if (fresh) {
      entry->second = graph_.new_value(graph_.shape(value), dtype);
      graph_.add_op({ops::Cast{}, {value}, {entry->second}, layer});
    }
    return entry->second;
  }

  void mix(ops::Op& op) {
    if (makes_weights(op, from_weights_)) return;
    // Rounded by the kernel: no reader needs the float32 result.
    if (ops::traits(op.params).rare.rounds_result && read_by_products_[index(op.outputs[0])])
      lower(op.outputs[0]);
    if (ops::is_view(op)) return view(op);
    switch (use_of(op, program_.training)) {
      case ops::Bfloat16::product:
        return product(op);
      case ops::Bfloat16::passed_on:
        // Only the first output is an image; the others are sums over many elements.
        if (std::ranges::any_of(op.inputs, [&](ops::ValueId input) { return is_low(input); }))
          lower(op.outputs[0]);
        return;
      default:
        return keep_exact(op);
    }
  }
  void product(ops::Op& op) {
    const ops::Arguments& inputs = ops::info(op.params).inputs;
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
      if (inputs.at(i).has(ops::ArgumentTrait::low_precision))
        op.inputs[i] = as(op.inputs[i], DType::bfloat16, op.layer);
    }
    if (!ops::is_sum_over_batch(op, 0)) lower(op.outputs[0]);
  }
  void keep_exact(ops::Op& op) {
    for (ops::ValueId& input : op.inputs) input = as(input, DType::float32, op.layer);
  }
  /// Shares its input's memory, so it has the same type.
  void view(ops::Op& op) {
    if (!is_low(op.inputs[0])) return;
    lower(op.outputs[0]);
    if (!is_low(op.outputs[0])) keep_exact(op);
  }

  Program& program_;
  ops::Graph& graph_;
  std::vector<bool> from_weights_;
  std::vector<bool> exact_;  ///< by value: stays float32
  std::vector<bool> read_by_products_;
  std::map<ops::ValueId, ops::ValueId> casts_;
};

}  // namespace

void mix_precision(Program& program) { PrecisionMixer(program).run(); }

}  // namespace graft::plan
