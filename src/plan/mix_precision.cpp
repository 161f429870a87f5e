// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <type_traits>
#include <utility>

#include "plan/program.hpp"

namespace graft::plan {
namespace {

/// Ops that give out what they take in, moved, scaled, added or chosen from.
template <typename Op>
constexpr bool kPassesOn =
    kIsOneOf<Op, ops::ActivationForward, ops::ActivationBackward, ops::ScaleShift, ops::ScaleShiftBackward,
             ops::BatchNormalizationTraining, ops::BatchNormalizationTrainingBackward, ops::Pool,
             ops::PoolBackward, ops::GlobalPool, ops::GlobalPoolBackward, ops::Pad, ops::Crop, ops::Add,
             ops::Concatenate, ops::Slice, ops::Dropout, ops::Binary, ops::BinaryBackward>;

template <typename Op>
constexpr bool kIsConvolution =
    kIsOneOf<Op, ops::Convolution, ops::ConvolutionBackwardInput, ops::ConvolutionBackwardKernel>;

bool takes_bfloat16(const ops::Params& params, bool training) {
  return std::visit(
      [&]<typename Op>(const Op&) {
        return kPassesOn<Op> || kIsConvolution<Op> || std::is_same_v<Op, ops::Reshape> ||
               (std::is_same_v<Op, ops::Dense> && !training);
      },
      params);
}

/// Ops whose kernels round what they compute in float32 where it is written.
template <typename Op>
constexpr bool kMayRound = kIsOneOf<Op, ops::ScaleShift, ops::RandomTransform>;

/// Goes through the ops in order and decides what each computes in. A product (convolution, in inference
/// Dense too) takes bfloat16 factors; what comes out of it stays bfloat16 through the ops that only pass
/// elements on, up to an op that is to be exact: a softmax, the head in training, the output.
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
      std::visit([&](const auto& params) { mix(params, op); }, op.params);
      graph_.append(std::move(op));
    }
    program_.forward_ops = program_.forward_ops == before.size() ? graph_.ops().size() : forward;
  }

 private:
  /// What is given to the outside, and what no reader would take as bfloat16.
  void find_exact() {
    exact_.assign(graph_.values().size(), true);
    for (const ops::Op& op : graph_.ops()) {
      if (!takes_bfloat16(op.params, program_.training)) continue;
      for (const ops::ValueId input : op.inputs) {
        if (input != ops::kAbsent) exact_[static_cast<std::size_t>(input)] = false;
      }
    }
    for (const ops::ValueId output : program_.outputs) exact_[static_cast<std::size_t>(output)] = true;
    for (const auto& [weight, gradient] : program_.gradients)
      exact_[static_cast<std::size_t>(gradient)] = true;
  }
  /// What convolutions alone read.
  void find_read_by_products() {
    read_by_products_.assign(graph_.values().size(), true);
    for (const ops::Op& op : graph_.ops()) {
      const bool is_product =
          std::visit([]<typename Op>(const Op&) { return kIsConvolution<Op>; }, op.params);
      for (const ops::ValueId input : op.inputs) {
        if (input != ops::kAbsent && !is_product) read_by_products_[static_cast<std::size_t>(input)] = false;
      }
    }
  }
  [[nodiscard]] bool is_low(ops::ValueId value) const {
    return value != ops::kAbsent && graph_.value(value).dtype == DType::bfloat16;
  }
  void lower(ops::ValueId value) {
    if (value == ops::kAbsent || exact_[static_cast<std::size_t>(value)]) return;
    graph_.value(value).dtype = DType::bfloat16;
  }
  /// The value in another element type; each value is cast once.
  ops::ValueId as(ops::ValueId value, DType dtype, const std::string& layer) {
    if (value == ops::kAbsent || graph_.value(value).dtype == dtype) return value;
    const auto [entry, fresh] = casts_.try_emplace(value, ops::kAbsent);
    if (fresh) {
      entry->second = graph_.new_value(graph_.shape(value), dtype);
      graph_.append({ops::Cast{}, {value}, {entry->second}, layer});
    }
    return entry->second;
  }
  void lower_inputs(ops::Op& op, std::initializer_list<std::size_t> which) {
    for (const std::size_t i : which) {
      if (i < op.inputs.size()) op.inputs[i] = as(op.inputs[i], DType::bfloat16, op.layer);
    }
  }
  [[nodiscard]] bool made_from_weights_alone(const ops::Op& op) const {
    return std::ranges::all_of(op.outputs, [&](ops::ValueId output) {
      return output == ops::kAbsent || (static_cast<std::size_t>(output) < from_weights_.size() &&
                                        from_weights_[static_cast<std::size_t>(output)]);
    });
  }

  template <typename Params>
  void mix(const Params&, ops::Op& op) {
    if (made_from_weights_alone(op)) return;
    if constexpr (kMayRound<Params>) {
      // Nothing else would read it as it is.
      if (read_by_products_[static_cast<std::size_t>(op.outputs[0])]) lower(op.outputs[0]);
    }
    if constexpr (kIsOneOf<Params, ops::Convolution>) {
      lower_inputs(op, {0, 3});
      lower(op.outputs[0]);
    } else if constexpr (kIsOneOf<Params, ops::ConvolutionBackwardInput>) {
      lower_inputs(op, {0});
      lower(op.outputs[0]);
    } else if constexpr (kIsOneOf<Params, ops::ConvolutionBackwardKernel>) {
      lower_inputs(op, {0, 1});
    } else if constexpr (kIsOneOf<Params, ops::Dense>) {
      if (program_.training) return keep_exact(op);
      lower_inputs(op, {0});
      lower(op.outputs[0]);
    } else if constexpr (kPassesOn<Params>) {
      // Of the outputs only the first is an image; the others are sums over many of them.
      if (std::ranges::any_of(op.inputs, [&](ops::ValueId input) { return is_low(input); }))
        lower(op.outputs[0]);
    } else if constexpr (kIsOneOf<Params, ops::Reshape>) {
      reshape(op);
    } else {
      keep_exact(op);
    }
  }
  void keep_exact(ops::Op& op) {
    for (ops::ValueId& input : op.inputs) input = as(input, DType::float32, op.layer);
  }
  /// Shares its input's memory, hence its type.
  void reshape(ops::Op& op) {
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
