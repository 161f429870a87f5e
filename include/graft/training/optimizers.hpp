// SPDX-License-Identifier: Apache-2.0
// Keras's optimizers, with its names, defaults and arithmetic (keras.optimizers 3.15). g is the gradient, lr
// the learning rate, t the number of the step from 1; all formulas are element by element. For
// optimizers of a program: extend/optimizer.hpp.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "graft/extend/optimizer.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// Arguments of SGD(), with Keras's names and defaults.
struct SGDOptions {
  LearningRate learning_rate = 0.01;  ///< a number, or a schedule such as CosineDecay()
  double momentum = 0;                ///< share of the last change of a weight that is added to the next
  bool nesterov = false;              ///< Nesterov's momentum; has no effect without momentum
  OptimizerOptions shared;            ///< weight decay, clipping, averages: what every optimizer has
};
/// w -= lr g; with momentum v = momentum v - lr g, w += v (nesterov: w += momentum v - lr g).
[[nodiscard]] OptimizerPtr SGD(const SGDOptions& options = {});

/// Arguments of RMSprop(), with Keras's names and defaults.
struct RMSpropOptions {
  LearningRate learning_rate = 0.001;  ///< a number, or a schedule such as CosineDecay()
  double rho = 0.9;                    ///< share of the old mean square that stays at each step
  double momentum = 0;                 ///< share of the last change of a weight that is added to the next
  double epsilon = 1e-7;               ///< added to the mean square, below the root
  bool centered = false;               ///< subtracts the squared mean gradient from the mean square
  OptimizerOptions shared;             ///< weight decay, clipping, averages: what every optimizer has
};
/// v = rho v + (1 - rho) g^2; w -= lr g / sqrt(v + epsilon), through a momentum buffer where momentum > 0.
[[nodiscard]] OptimizerPtr RMSprop(const RMSpropOptions& options = {});

/// Arguments of Adam(), AdamW(), Nadam() and Adamax(), with Keras's names and defaults.
struct AdamOptions {
  LearningRate learning_rate = 0.001;  ///< a number, or a schedule such as CosineDecay()
  double beta_1 = 0.9;                 ///< share of the old mean gradient m that stays at each step
  double beta_2 = 0.999;    ///< share of the old mean square v (Adamax: of the old u) that stays at each step
  double epsilon = 1e-7;    ///< added to the divisor
  bool amsgrad = false;     ///< divides by the root of the largest v so far (Reddi and others 2018)
  OptimizerOptions shared;  ///< weight decay, clipping, averages: what every optimizer has
};
/// m = beta_1 m + (1 - beta_1) g; v = beta_2 v + (1 - beta_2) g^2;
/// w -= lr sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon)
/// (Kingma and Ba 2014, in the form before section 2.1 as Keras computes it).
[[nodiscard]] OptimizerPtr Adam(const AdamOptions& options = {});
/// Adam with decoupled weight decay (Loshchilov and Hutter 2017): shared.weight_decay, default 0.004.
[[nodiscard]] OptimizerPtr AdamW(const AdamOptions& options = {});
/// Adam with Nesterov's momentum (Dozat 2016). Throws Error{invalid_argument} for amsgrad.
[[nodiscard]] OptimizerPtr Nadam(const AdamOptions& options = {});
/// m as in Adam; u = max(beta_2 u, |g|); w -= lr m / ((1 - beta_1^t) (u + epsilon)) (Kingma and Ba, section
/// 7). Throws Error{invalid_argument} for amsgrad.
[[nodiscard]] OptimizerPtr Adamax(const AdamOptions& options = {});

/// Arguments of Lion(), with Keras's names and defaults.
struct LionOptions {
  LearningRate learning_rate = 0.001;  ///< a number, or a schedule such as CosineDecay()
  double beta_1 = 0.9;                 ///< share of m in the direction of the step; above 0, at most 1
  double beta_2 = 0.99;                ///< share of the old m that stays at each step
  OptimizerOptions shared;             ///< weight decay, clipping, averages: what every optimizer has
};
/// w -= lr sign(beta_1 m + (1 - beta_1) g); m = beta_2 m + (1 - beta_2) g (Chen and others 2023). Throws
/// Error{invalid_argument} for beta_1 out of range.
[[nodiscard]] OptimizerPtr Lion(const LionOptions& options = {});

/// Arguments of Adagrad(), with Keras's names and defaults.
struct AdagradOptions {
  LearningRate learning_rate = 0.001;      ///< a number, or a schedule such as CosineDecay()
  double initial_accumulator_value = 0.1;  ///< a before the first step
  double epsilon = 1e-7;                   ///< added to a, below the root
  OptimizerOptions shared;                 ///< weight decay, clipping, averages: what every optimizer has
};
/// a += g^2; w -= lr g / sqrt(a + epsilon) (Duchi and others 2011).
[[nodiscard]] OptimizerPtr Adagrad(const AdagradOptions& options = {});

/// Arguments of Adadelta(), with Keras's names and defaults.
struct AdadeltaOptions {
  LearningRate learning_rate = 0.001;  ///< a number, or a schedule such as CosineDecay()
  double rho = 0.95;                   ///< share of the old mean squares that stays at each step
  double epsilon = 1e-7;               ///< added to both mean squares, below the root
  OptimizerOptions shared;             ///< weight decay, clipping, averages: what every optimizer has
};
/// w -= lr g times the root of the mean square of earlier changes, divided by that of the gradients (Zeiler
/// 2012).
[[nodiscard]] OptimizerPtr Adadelta(const AdadeltaOptions& options = {});

/// Arguments of Ftrl(), with Keras's names and defaults.
struct FtrlOptions {
  LearningRate learning_rate = 0.001;      ///< a number, or a schedule such as CosineDecay()
  double learning_rate_power = -0.5;       ///< rates fall with (sum of g^2)^learning_rate_power; at most 0
  double initial_accumulator_value = 0.1;  ///< the sum of g^2 before the first step; at least 0
  double l1_regularization_strength = 0;   ///< pulls weights to exactly 0; at least 0
  double l2_regularization_strength = 0;   ///< penalty on w^2; at least 0
  double l2_shrinkage_regularization_strength = 0;  ///< adds 2 w times it to the gradient; at least 0
  double beta = 0;                                  ///< adds beta / (2 lr) to l2_regularization_strength
  OptimizerOptions shared;  ///< weight decay, clipping, averages: what every optimizer has
};
/// Follow the regularised leader (McMahan and others 2013). Throws Error{invalid_argument} for options out of
/// range.
[[nodiscard]] OptimizerPtr Ftrl(const FtrlOptions& options = {});

/// An optimizer with its defaults by Keras's name, whose case does not matter: "adam", "rmsprop", "sgd".
/// Throws Error{invalid_argument} listing the known names.
[[nodiscard]] OptimizerPtr optimizer_from_name(const std::string& name);

/// An optimizer, or its name as in Keras: Adam({.learning_rate = 1e-4}) or "adam".
class OptimizerChoice : public OptimizerPtr {
 public:
  /// None.
  OptimizerChoice() = default;
  // NOLINTBEGIN(google-explicit-constructor): optimizer = "adam" should read as in Keras
  OptimizerChoice(std::nullptr_t) {}                                                     ///< none
  OptimizerChoice(const char* name) : OptimizerPtr(optimizer_from_name(name)) {}         ///< see above
  OptimizerChoice(const std::string& name) : OptimizerPtr(optimizer_from_name(name)) {}  ///< see above
  /// An optimizer.
  template <std::derived_from<Optimizer> Kind>
  OptimizerChoice(std::shared_ptr<Kind> optimizer) : OptimizerPtr(std::move(optimizer)) {}
  // NOLINTEND(google-explicit-constructor)
};

}  // namespace graft

#pragma GCC visibility pop
