// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <numbers>

#include "graft/base/fail.hpp"

#include "onnx/export/emitter.hpp"

namespace graft {
inline namespace onnx {
namespace {

using formats::OnnxAttribute;
using ops::ActivationKind;

/// One line a formula: f("Mul", x, 2.0F).
class Formula {
 public:
  explicit Formula(Emitter& emitter) : emitter_(emitter) {}
  std::string operator()(const char* op, const std::string& x) { return emitter_.add(op, {x}); }
  std::string operator()(const char* op, const std::string& x, const std::string& other) {
    return emitter_.add(op, {x, other});
  }
  std::string operator()(const char* op, const std::string& x, float number) {
    return emitter_.add(op, {x, emitter_.number(number)});
  }
  std::string clip(const std::string& x, float low, float high) {
    return emitter_.add("Clip", {x, emitter_.number(low), emitter_.number(high)});
  }

 private:
  Emitter& emitter_;
};

std::string relu(Emitter& emitter, const ops::Activation& a, const std::string& x) {
  Formula f(emitter);
  const bool bounded = std::isfinite(a.max_value);
  if (a.threshold == 0 && a.negative_slope == 0) return bounded ? f.clip(x, 0, a.max_value) : f("Relu", x);
  std::string y;
  if (a.threshold == 0) {
    y = emitter.add("LeakyRelu", {x}, {OnnxAttribute::of("alpha", a.negative_slope)});
  } else {
    // Below the threshold: slope (x - threshold).
    const std::string below = f("Mul", f("Sub", x, a.threshold), a.negative_slope);
    const std::string above = emitter.add("GreaterOrEqual", {x, emitter.number(a.threshold)});
    y = emitter.add("Where", {above, x, below});
  }
  return bounded ? f("Min", y, a.max_value) : y;
}

std::string hard_sigmoid(Emitter& emitter, const std::string& x) {
  return emitter.add("HardSigmoid", {x},
                     {OnnxAttribute::of("alpha", 1.0F / 6), OnnxAttribute::of("beta", 0.5F)});
}

std::string gelu(Emitter& emitter, const std::string& x) {
  Formula f(emitter);
  const std::string erf = f("Erf", f("Div", x, std::numbers::sqrt2_v<float>));
  return f("Mul", f("Mul", x, f("Add", erf, 1.0F)), 0.5F);
}

std::string gelu_tanh(Emitter& emitter, const std::string& x) {
  Formula f(emitter);
  const std::string cube = f("Mul", f("Mul", f("Mul", x, x), x), 0.044715F);
  const std::string inner = f("Mul", f("Add", x, cube), std::sqrt(2 * std::numbers::inv_pi_v<float>));
  return f("Mul", f("Mul", x, f("Add", f("Tanh", inner), 1.0F)), 0.5F);
}

std::string sparse_plus(Emitter& emitter, const std::string& x) {
  // (x + 1)^2 / 4 between -1 and 1, and from 1 on 1 + (x - 1).
  Formula f(emitter);
  const std::string inner = f.clip(f("Add", x, 1.0F), 0, 2);
  return f("Add", f("Mul", f("Mul", inner, inner), 0.25F), f("Relu", f("Sub", x, 1.0F)));
}

std::string shrink(Emitter& emitter, const std::string& x, float bias) {
  return emitter.add("Shrink", {x}, {OnnxAttribute::of("bias", bias), OnnxAttribute::of("lambd", 0.5F)});
}

}  // namespace

std::string emit_activation(Emitter& emitter, const ops::Activation& activation, std::string x) {
  Formula f(emitter);
  switch (activation.kind) {
    case ActivationKind::linear:
      return x;
    case ActivationKind::relu:
      return relu(emitter, activation, x);
    case ActivationKind::sigmoid:
      return f("Sigmoid", x);
    case ActivationKind::tanh:
      return f("Tanh", x);
    case ActivationKind::silu:
      return f("Mul", x, f("Sigmoid", x));
    case ActivationKind::hard_sigmoid:
      return hard_sigmoid(emitter, x);
    case ActivationKind::hard_silu:
      return emitter.options().opset >= 14 ? f("HardSwish", x) : f("Mul", x, hard_sigmoid(emitter, x));
    case ActivationKind::elu:
      return emitter.add("Elu", {x}, {OnnxAttribute::of("alpha", activation.alpha)});
    case ActivationKind::selu:
      return f("Selu", x);
    case ActivationKind::gelu:
      return gelu(emitter, x);
    case ActivationKind::gelu_tanh:
      return gelu_tanh(emitter, x);
    case ActivationKind::softplus:
      return f("Softplus", x);
    case ActivationKind::softsign:
      return f("Softsign", x);
    case ActivationKind::exponential:
      return f("Exp", x);
    case ActivationKind::mish:
      return f("Mul", x, f("Tanh", f("Softplus", x)));
    case ActivationKind::log_sigmoid:
      return f("Neg", f("Softplus", f("Neg", x)));
    case ActivationKind::hard_tanh:
      return f.clip(x, -1, 1);
    case ActivationKind::tanh_shrink:
      return f("Sub", x, f("Tanh", x));
    case ActivationKind::soft_shrink:
      return shrink(emitter, x, 0.5F);
    case ActivationKind::hard_shrink:
      return shrink(emitter, x, 0);
    case ActivationKind::squareplus:
      return f("Mul", f("Add", x, f("Sqrt", f("Add", f("Mul", x, x), 4.0F))), 0.5F);
    case ActivationKind::sparse_plus:
      return sparse_plus(emitter, x);
    case ActivationKind::sparse_sigmoid:
      return f.clip(f("Add", f("Mul", x, 0.5F), 0.5F), 0, 1);
  }
  emitter.refuse("has an activation without a name");
}

}  // namespace onnx
}  // namespace graft
