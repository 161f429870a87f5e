// SPDX-License-Identifier: Apache-2.0
// Activations and other functions of one tensor, element by element.
#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "layers/lowering.hpp"
#include "layers/merging/broadcasting.hpp"
#include "layers/operations/rule.hpp"

namespace graft::layers {
namespace {

using Lower = std::function<ops::ValueId(ops::Graph& graph, ops::ValueId x)>;

class Elementwise final : public OperationRule {
 public:
  Elementwise(std::string name, Lower lower) : name_(std::move(name)), lower_(std::move(lower)) {}
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    if (inputs.size() != 1) {
      fail(ErrorKind::invalid_argument, "operation '", name_, "': expected one tensor, received ",
           inputs.size());
    }
    return inputs[0];
  }
  [[nodiscard]] ops::ValueId lower(ops::Graph& graph,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return lower_(graph, inputs[0]);
  }

 private:
  std::string name_;
  Lower lower_;
};

/// Keras's classes without settings, and the activation that each is.
constexpr std::array<std::pair<std::string_view, const char*>, 17> kActivations{
    {{"Relu", "relu"},
     {"Relu6", "relu6"},
     {"Sigmoid", "sigmoid"},
     {"Tanh", "tanh"},
     {"Silu", "silu"},
     {"HardSigmoid", "hard_sigmoid"},
     {"HardSilu", "hard_silu"},
     {"Selu", "selu"},
     {"Softplus", "softplus"},
     {"Softsign", "softsign"},
     {"Exp", "exponential"},
     {"LogSigmoid", "log_sigmoid"},
     {"HardTanh", "hard_tanh"},
     {"TanhShrink", "tanh_shrink"},
     {"SparsePlus", "sparse_plus"},
     {"SparseSigmoid", "sparse_sigmoid"},
     {"Identity", "linear"}}};

Lower activation(const ops::Activation& one) {
  return [one](ops::Graph& graph, ops::ValueId x) {
    return one.is_linear() ? x : graph.add(ops::ActivationForward{one}, {x}, graph.shape(x));
  };
}

/// Classes with settings.
Lower activation_with_settings(const OperationReader& reader) {
  if (reader.class_name == "LeakyRelu") {
    const double slope = reader.number("negative_slope", 0.2);
    if (!(slope >= 0)) reader.refuse(cat("has negative_slope ", slope, ", expected at least 0"));
    return activation({.kind = ops::ActivationKind::relu, .negative_slope = static_cast<float>(slope)});
  }
  if (reader.class_name == "Elu") {
    return activation(
        {.kind = ops::ActivationKind::elu, .alpha = static_cast<float>(reader.number("alpha", 1))});
  }
  if (reader.class_name == "Gelu") {
    return activation({.kind = reader.boolean("approximate", true) ? ops::ActivationKind::gelu_tanh
                                                                   : ops::ActivationKind::gelu});
  }
  return {};
}

/// The larger or smaller of x and a number.
ops::ValueId limited(ops::Graph& graph, ops::ValueId x, ops::BinaryKind kind, float limit) {
  const Shape one(std::vector<std::int64_t>(graph.shape(x).rank(), 1));
  return lower_binary(graph, kind, x, graph.add_constant(Tensor::full(one, limit)));
}

Lower softmax(const OperationReader& reader) {
  const std::vector<std::int64_t> axis = reader.integers("axis");
  if (axis.size() > 1) reader.refuse("is over several axes; graft computes it over one");
  const std::int64_t chosen = axis.empty() ? -1 : axis.front();
  return [chosen, name = reader.name](ops::Graph& graph, ops::ValueId x) {
    const int resolved = resolved_axis(name, chosen, graph.shape(x));
    const ops::ValueId moved = axis_to_last(graph, x, resolved);
    return last_to_axis(graph, graph.add(ops::Softmax{}, {moved}, graph.shape(moved)), resolved);
  };
}

Lower clip(const OperationReader& reader) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double low = reader.number("x_min", -kInfinity);
  const double high = reader.number("x_max", kInfinity);
  return [low, high](ops::Graph& graph, ops::ValueId x) {
    if (low > -kInfinity) x = limited(graph, x, ops::BinaryKind::maximum, static_cast<float>(low));
    if (high < kInfinity) x = limited(graph, x, ops::BinaryKind::minimum, static_cast<float>(high));
    return x;
  };
}

/// Casts between floating-point formats compute nothing: graft's numbers are float32.
Lower cast(const OperationReader& reader) {
  const Json* dtype = reader.setting("dtype");
  for (const char* known : {"float16", "float32", "float64", "bfloat16"}) {
    if (dtype != nullptr && *dtype == known) return activation({});
  }
  reader.refuse(cat("is to ", dtype == nullptr ? "no type" : dtype->dump(),
                    "; graft's tensors are floating-point numbers"));
}

Lower square(ops::BinaryKind kind, double factor) {
  return [kind, factor](ops::Graph& graph, ops::ValueId x) {
    return lower_binary(graph, kind, x, factor == 1 ? x : lower_scaled(graph, x, factor));
  };
}

}  // namespace

RulePtr elementwise_rule(const OperationReader& reader) {
  const auto rule = [&](Lower lower) { return std::make_unique<Elementwise>(reader.name, std::move(lower)); };
  const auto* known =
      std::ranges::find(kActivations, reader.class_name, &std::pair<std::string_view, const char*>::first);
  if (known != kActivations.end()) return rule(activation(ops::activation_from_name(known->second)));
  if (Lower lower = activation_with_settings(reader)) return rule(std::move(lower));
  if (reader.class_name == "Softmax") return rule(softmax(reader));
  if (reader.class_name == "Clip") return rule(clip(reader));
  if (reader.class_name == "Cast") return rule(cast(reader));
  if (reader.class_name == "Negative")
    return rule([](ops::Graph& graph, ops::ValueId x) { return lower_scaled(graph, x, -1); });
  if (reader.class_name == "Square") return rule(square(ops::BinaryKind::multiply, 1));
  // |x| is the larger of x and -x.
  if (reader.class_name == "Absolute" || reader.class_name == "Abs")
    return rule(square(ops::BinaryKind::maximum, -1));
  return nullptr;
}

}  // namespace graft::layers
