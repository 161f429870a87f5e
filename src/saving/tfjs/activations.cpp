// SPDX-License-Identifier: Apache-2.0
// Activations by those that every version of TensorFlow.js has: its own names are not always Keras's
// formulas.
#include <cmath>
#include <numbers>

#include "graft/layers.hpp"

#include "saving/tfjs/emitter.hpp"

namespace graft {
inline namespace saving {

using ops::ActivationKind;

SymbolicTensor TfjsEmitter::apply(const char* activation, const SymbolicTensor& x) {
  return layers::Activation(activation, name())(x);
}

SymbolicTensor TfjsEmitter::clip(const SymbolicTensor& x, float most) {
  return layers::ReLU({.max_value = most, .name = name()})(x);
}

SymbolicTensor TfjsEmitter::relu(const ops::Activation& a, const SymbolicTensor& x) {
  const bool bounded = std::isfinite(a.max_value);
  if (a.threshold != 0) refuse("has a ReLU with a threshold");
  if (a.negative_slope == 0) return bounded ? clip(x, a.max_value) : apply("relu", x);
  const SymbolicTensor y = layers::LeakyReLU({.negative_slope = a.negative_slope, .name = name()})(x);
  // min(y, most) = most - max(most - y, 0)
  return bounded ? affine(apply("relu", affine(y, -1, a.max_value)), -1, a.max_value) : y;
}

SymbolicTensor TfjsEmitter::hard_sigmoid(const SymbolicTensor& x) {
  return affine(clip(affine(x, 1, 3), 6), 1.0F / 6, 0);
}

SymbolicTensor TfjsEmitter::gelu(const SymbolicTensor& x) {
  if (old_version()) refuse("has the activation gelu");
  return apply("gelu", x);
}

SymbolicTensor TfjsEmitter::gelu_tanh(const SymbolicTensor& x) {
  const auto factor = static_cast<float>(std::sqrt(2 * std::numbers::inv_pi));
  // The factor (x + 0.044715 x^3), as x (factor + ... x^2).
  const SymbolicTensor inner = multiply(x, affine(multiply(x, x), 0.044715F * factor, factor));
  return multiply(x, affine(apply("tanh", inner), 0.5F, 0.5F));
}

SymbolicTensor TfjsEmitter::activated(const ops::Activation& a, const SymbolicTensor& x) {
  switch (a.kind) {
    case ActivationKind::linear:
      return x;
    case ActivationKind::relu:
      return relu(a, x);
    case ActivationKind::sigmoid:
      return apply("sigmoid", x);
    case ActivationKind::tanh:
      return apply("tanh", x);
    case ActivationKind::silu:
      return multiply(x, apply("sigmoid", x));
    case ActivationKind::hard_sigmoid:
      return hard_sigmoid(x);
    case ActivationKind::hard_silu:
      return multiply(x, hard_sigmoid(x));
    case ActivationKind::elu:
      if (a.alpha != 1 && old_version()) refuse("has an ELU with another alpha than 1");
      return layers::ELU({.alpha = a.alpha, .name = name()})(x);
    case ActivationKind::selu:
      return apply("selu", x);
    case ActivationKind::gelu:
      return gelu(x);
    case ActivationKind::gelu_tanh:
      return gelu_tanh(x);
    case ActivationKind::softplus:
      return apply("softplus", x);
    case ActivationKind::softsign:
      return apply("softsign", x);
    case ActivationKind::mish:
      return multiply(x, apply("tanh", apply("softplus", x)));
    case ActivationKind::log_sigmoid:
      return affine(apply("softplus", affine(x, -1, 0)), -1, 0);
    case ActivationKind::hard_tanh:
      return affine(clip(affine(x, 1, 1), 2), 1, -1);
    case ActivationKind::tanh_shrink:
      return add(x, affine(apply("tanh", x), -1, 0));
    case ActivationKind::soft_shrink:
      return add(apply("relu", affine(x, 1, -0.5F)), affine(apply("relu", affine(x, -1, -0.5F)), -1, 0));
    case ActivationKind::sparse_plus: {
      // (x + 1)^2 / 4 between -1 and 1, and from 1 on 1 + (x - 1).
      const SymbolicTensor inner = clip(affine(x, 0.5F, 0.5F), 1);
      return add(multiply(inner, inner), apply("relu", affine(x, 1, -1)));
    }
    case ActivationKind::sparse_sigmoid:
      return clip(affine(x, 0.5F, 0.5F), 1);
    case ActivationKind::exponential:
    case ActivationKind::hard_shrink:
    case ActivationKind::squareplus:
      break;
  }
  refuse("has an activation that it does not know");
}

}  // namespace saving
}  // namespace graft
