// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)

namespace graft::ops {

/// Elementwise functions. Names are Keras's (keras.activations); gelu_tanh is graft's own, for
/// keras.activations.gelu(x, approximate=True).
enum class ActivationKind {
  linear,        ///< x
  relu,          ///< max_value for x >= max_value, x for x >= threshold, else negative_slope (x - threshold)
  sigmoid,       ///< 1 / (1 + exp(-x))
  tanh,          ///< tanh(x)
  silu,          ///< x sigmoid(x), also called swish
  hard_sigmoid,  ///< clip(x / 6 + 1/2, 0, 1)
  hard_silu,     ///< x hard_sigmoid(x), also called hard_swish
  elu,           ///< x for x > 0, else alpha (exp(x) - 1)
  selu,          ///< 1.0507... (x for x > 0, else 1.6732... (exp(x) - 1))
  gelu,          ///< x (1 + erf(x / sqrt 2)) / 2
  gelu_tanh,     ///< x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
  softplus,      ///< log(1 + exp(x))
  softsign,      ///< x / (1 + |x|)
  exponential,   ///< exp(x)
  mish,          ///< x tanh(softplus(x))
  log_sigmoid,   ///< log(sigmoid(x))
  hard_tanh,     ///< clip(x, -1, 1)
  tanh_shrink,   ///< x - tanh(x)
  soft_shrink,   ///< x -+ 1/2 for |x| > 1/2, else 0
  hard_shrink,   ///< x for |x| > 1/2, else 0
  squareplus,    ///< (x + sqrt(x^2 + 4)) / 2
  sparse_plus,   ///< 0 for x <= -1, x for x >= 1, else (x + 1)^2 / 4
  sparse_sigmoid,  ///< clip((x + 1) / 2, 0, 1)
};

/// An activation with its parameters: alpha is elu's, the others are relu's.
struct Activation {
  ActivationKind kind = ActivationKind::linear;
  float negative_slope = 0;
  float max_value = std::numeric_limits<float>::infinity();
  float threshold = 0;
  float alpha = 1;

  [[nodiscard]] bool is_linear() const { return kind == ActivationKind::linear; }
  friend bool operator==(const Activation&, const Activation&) = default;
};

/// "relu", "relu6", "leaky_relu" (slope 0.2), "swish" ... Throws Error{invalid_argument} listing the known
/// names. softmax is not elementwise: it is not among them.
[[nodiscard]] Activation activation_from_name(std::string_view name);
[[nodiscard]] bool is_activation_name(std::string_view name);
/// Keras's name; relu with max_value 6 is "relu6", with negative_slope 0.2 "leaky_relu".
[[nodiscard]] std::string activation_name(const Activation& activation);

/// The formula, for one number.
[[nodiscard]] float activate(const Activation& activation, float x);
/// d activate(x) / dx.
[[nodiscard]] float activation_derivative(const Activation& activation, float x);

/// True where the derivative can be computed from the output, so that the input need not be kept.
[[nodiscard]] bool derivative_from_output(const Activation& activation);
/// The derivative at the x for which activate(x) = y, where derivative_from_output().
[[nodiscard]] float activation_derivative_of_output(const Activation& activation, float y);

}  // namespace graft::ops

#pragma GCC visibility pop
