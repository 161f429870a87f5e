// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include "graft/base/fail.hpp"

#include "tflite/export/emitter.hpp"

namespace graft {
inline namespace tflite {
namespace {

using ops::ActivationKind;

/// One line a formula: f(TfliteOp::mul, x, 2.0F). All values have x's shape.
class Formula {
 public:
  Formula(Emitter& emitter, std::int32_t x) : emitter_(emitter), shape_(emitter.shape_of(x)) {}
  std::int32_t operator()(TfliteOp op, std::int32_t x, const TfliteSettings& settings = {}) {
    return emitter_.add(op, {x}, shape_, settings);
  }
  std::int32_t operator()(TfliteOp op, std::int32_t x, std::int32_t other) {
    return emitter_.add(op, {x, other}, shape_);
  }
  std::int32_t operator()(TfliteOp op, std::int32_t x, float number) {
    return emitter_.add(op, {x, emitter_.number(number)}, shape_);
  }
  std::int32_t clip(std::int32_t x, float low, float high) {
    return (*this)(TfliteOp::minimum, (*this)(TfliteOp::maximum, x, low), high);
  }
  /// x where it is at least `least` (or above, by op), else the other.
  std::int32_t choose(TfliteOp op, std::int32_t tested, float least, std::int32_t x, std::int32_t other) {
    const std::int32_t chosen =
        emitter_.add(op, {tested, emitter_.number(least)}, shape_, {}, DType::boolean);
    return emitter_.add(TfliteOp::select_v2, {chosen, x, other}, shape_);
  }

 private:
  Emitter& emitter_;
  Shape shape_;
};

std::int32_t relu(Emitter& emitter, const ops::Activation& a, std::int32_t x) {
  Formula f(emitter, x);
  std::int32_t y = x;
  if (a.threshold != 0) {
    const std::int32_t below = f(TfliteOp::mul, f(TfliteOp::sub, x, a.threshold), a.negative_slope);
    y = f.choose(TfliteOp::greater_equal, x, a.threshold, x, below);
  } else if (a.negative_slope != 0) {
    TfliteSettings settings;
    settings.alpha = a.negative_slope;
    y = f(TfliteOp::leaky_relu, x, settings);
  } else {
    y = f(TfliteOp::relu, x);
  }
  return std::isfinite(a.max_value) ? f(TfliteOp::minimum, y, a.max_value) : y;
}

/// scale (x for x > 0, else alpha (exp(x) - 1))
std::int32_t elu(Emitter& emitter, std::int32_t x, float alpha, float scale) {
  Formula f(emitter, x);
  const std::int32_t below = f(TfliteOp::sub, f(TfliteOp::exp, f(TfliteOp::minimum, x, 0.0F)), 1.0F);
  return f(TfliteOp::add, f(TfliteOp::mul, f(TfliteOp::relu, x), scale),
           f(TfliteOp::mul, below, scale * alpha));
}

/// log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), which no x makes infinite
std::int32_t softplus(Emitter& emitter, std::int32_t x) {
  Formula f(emitter, x);
  const std::int32_t small = f(TfliteOp::exp, f(TfliteOp::neg, f(TfliteOp::abs, x)));
  return f(TfliteOp::add, f(TfliteOp::relu, x), f(TfliteOp::log, f(TfliteOp::add, small, 1.0F)));
}

std::int32_t gelu(Emitter& emitter, std::int32_t x) { return Formula(emitter, x)(TfliteOp::gelu, x); }

std::int32_t gelu_tanh(Emitter& emitter, std::int32_t x) {
  Formula f(emitter, x);
  const std::int32_t cube = f(TfliteOp::mul, f(TfliteOp::mul, f(TfliteOp::mul, x, x), x), 0.044715F);
  const std::int32_t inner =
      f(TfliteOp::mul, f(TfliteOp::add, x, cube), std::sqrt(2 * std::numbers::inv_pi_v<float>));
  return f(TfliteOp::mul, f(TfliteOp::mul, x, f(TfliteOp::add, f(TfliteOp::tanh, inner), 1.0F)), 0.5F);
}

std::int32_t sparse_plus(Emitter& emitter, std::int32_t x) {
  // (x + 1)^2 / 4 between -1 and 1, and from 1 on 1 + (x - 1).
  Formula f(emitter, x);
  const std::int32_t inner = f.clip(f(TfliteOp::add, x, 1.0F), 0, 2);
  return f(TfliteOp::add, f(TfliteOp::mul, f(TfliteOp::mul, inner, inner), 0.25F),
           f(TfliteOp::relu, f(TfliteOp::sub, x, 1.0F)));
}

std::int32_t squareplus(Emitter& emitter, std::int32_t x) {
  Formula f(emitter, x);
  const std::int32_t root = f(TfliteOp::sqrt, f(TfliteOp::add, f(TfliteOp::mul, x, x), 4.0F));
  return f(TfliteOp::mul, f(TfliteOp::add, x, root), 0.5F);
}

std::int32_t softsign(Emitter& emitter, std::int32_t x) {
  Formula f(emitter, x);
  return f(TfliteOp::div, x, f(TfliteOp::add, f(TfliteOp::abs, x), 1.0F));
}

/// Those of one or two operators.
std::int32_t simple(Emitter& emitter, ActivationKind kind, std::int32_t x) {
  constexpr float kHalf = 0.5F;
  Formula f(emitter, x);
  switch (kind) {
    case ActivationKind::sigmoid:
      return f(TfliteOp::logistic, x);
    case ActivationKind::tanh:
      return f(TfliteOp::tanh, x);
    case ActivationKind::silu:
      return f(TfliteOp::mul, x, f(TfliteOp::logistic, x));
    case ActivationKind::hard_sigmoid:
      return f(TfliteOp::mul, f(TfliteOp::relu6, f(TfliteOp::add, x, 3.0F)), 1.0F / 6);
    case ActivationKind::hard_silu:
      return f(TfliteOp::hard_swish, x);
    case ActivationKind::exponential:
      return f(TfliteOp::exp, x);
    case ActivationKind::mish:
      return f(TfliteOp::mul, x, f(TfliteOp::tanh, softplus(emitter, x)));
    case ActivationKind::log_sigmoid:
      return f(TfliteOp::neg, softplus(emitter, f(TfliteOp::neg, x)));
    case ActivationKind::hard_tanh:
      return f(TfliteOp::relu_n1_to_1, x);
    case ActivationKind::tanh_shrink:
      return f(TfliteOp::sub, x, f(TfliteOp::tanh, x));
    case ActivationKind::soft_shrink:
      return f(TfliteOp::sub, x, f.clip(x, -kHalf, kHalf));
    case ActivationKind::hard_shrink:
      return f.choose(TfliteOp::greater, f(TfliteOp::abs, x), kHalf, x, f(TfliteOp::mul, x, 0.0F));
    case ActivationKind::sparse_sigmoid:
      return f.clip(f(TfliteOp::add, f(TfliteOp::mul, x, kHalf), kHalf), 0, 1);
    default:
      emitter.refuse("has an activation without a name");
  }
}

}  // namespace

std::optional<TfliteActivation> fused(const ops::Activation& activation) {
  constexpr float kSix = 6;
  if (activation.kind == ActivationKind::linear) return TfliteActivation::none;
  if (activation.kind != ActivationKind::relu || activation.threshold != 0 || activation.negative_slope != 0)
    return std::nullopt;
  if (activation.max_value == kSix) return TfliteActivation::relu6;
  return std::isfinite(activation.max_value) ? std::nullopt : std::optional(TfliteActivation::relu);
}

std::int8_t own_activation(const ops::Activation& activation) {
  return static_cast<std::int8_t>(fused(activation).value_or(TfliteActivation::none));
}

std::int32_t finish(Emitter& emitter, const ops::Activation& activation, std::int32_t x) {
  // SELU's numbers (Klambauer et al. 2017).
  constexpr float kSeluScale = 1.05070098F, kSeluAlpha = 1.67326324F;
  if (fused(activation)) return x;
  switch (activation.kind) {
    case ActivationKind::relu:
      return relu(emitter, activation, x);
    case ActivationKind::elu:
      return elu(emitter, x, activation.alpha, 1);
    case ActivationKind::selu:
      return elu(emitter, x, kSeluAlpha, kSeluScale);
    case ActivationKind::gelu:
      return gelu(emitter, x);
    case ActivationKind::gelu_tanh:
      return gelu_tanh(emitter, x);
    case ActivationKind::softplus:
      return softplus(emitter, x);
    case ActivationKind::softsign:
      return softsign(emitter, x);
    case ActivationKind::squareplus:
      return squareplus(emitter, x);
    case ActivationKind::sparse_plus:
      return sparse_plus(emitter, x);
    default:
      return simple(emitter, activation.kind, x);
  }
}

void emit(Emitter& emitter, const ops::Op& op, const ops::ActivationForward& params) {
  std::int32_t x = emitter.in(op.inputs[0]);
  const std::optional<TfliteActivation> own = fused(params.activation);
  if (own == TfliteActivation::relu) x = emitter.add(TfliteOp::relu, {x}, emitter.shape_of(x));
  if (own == TfliteActivation::relu6) x = emitter.add(TfliteOp::relu6, {x}, emitter.shape_of(x));
  emitter.define(op.outputs[0], finish(emitter, params.activation, x));
}

}  // namespace tflite
}  // namespace graft
