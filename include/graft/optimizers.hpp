// SPDX-License-Identifier: Apache-2.0
// Keras's optimizers, with its names, defaults and arithmetic (keras.optimizers 3.15). g is the gradient, lr
// the learning rate, t the number of the step from 1; all formulas are element by element. Your own:
// extend/optimizer.hpp.
#pragma once

#include "graft/extend/optimizer.hpp"

#pragma GCC visibility push(default)

namespace graft {

struct SGDOptions {
  LearningRate learning_rate = 0.01;
  double momentum = 0;
  bool nesterov = false;
  OptimizerOptions shared;
};
/// w -= lr g; with momentum v = momentum v - lr g, w += v (nesterov: w += momentum v - lr g).
[[nodiscard]] OptimizerPtr SGD(const SGDOptions& options = {});

struct RMSpropOptions {
  LearningRate learning_rate = 0.001;
  double rho = 0.9;
  double momentum = 0;
  double epsilon = 1e-7;
  bool centered = false;  ///< subtracts the squared mean gradient
  OptimizerOptions shared;
};
/// v = rho v + (1 - rho) g^2; w -= lr g / sqrt(v + epsilon), through a momentum buffer where momentum > 0.
[[nodiscard]] OptimizerPtr RMSprop(const RMSpropOptions& options = {});

struct AdamOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;  ///< divides by the largest v so far (Reddi and others 2018)
  OptimizerOptions shared;
};
/// Kingma and Ba 2014, in the form before section 2.1 as Keras computes it.
[[nodiscard]] OptimizerPtr Adam(const AdamOptions& options = {});
/// Adam with decoupled weight decay (Loshchilov and Hutter 2017): shared.weight_decay, default 0.004.
[[nodiscard]] OptimizerPtr AdamW(const AdamOptions& options = {});
/// Adam with Nesterov's momentum (Dozat 2016). Throws
/// Error{invalid_argument} for amsgrad.
[[nodiscard]] OptimizerPtr Nadam(const AdamOptions& options = {});
/// Adam with the largest gradient in place of the mean square (Kingma and Ba, section 7). Throws
/// Error{invalid_argument} for amsgrad.
[[nodiscard]] OptimizerPtr Adamax(const AdamOptions& options = {});

struct LionOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.99;
  OptimizerOptions shared;
};
/// w -= lr sign(beta_1 m + (1 - beta_1) g); m = beta_2 m + (1 - beta_2) g (Chen and others 2023).
[[nodiscard]] OptimizerPtr Lion(const LionOptions& options = {});

struct AdagradOptions {
  LearningRate learning_rate = 0.001;
  double initial_accumulator_value = 0.1;
  double epsilon = 1e-7;
  OptimizerOptions shared;
};
/// a += g^2; w -= lr g / sqrt(a + epsilon) (Duchi and others 2011).
[[nodiscard]] OptimizerPtr Adagrad(const AdagradOptions& options = {});

struct AdadeltaOptions {
  LearningRate learning_rate = 0.001;
  double rho = 0.95;
  double epsilon = 1e-7;
  OptimizerOptions shared;
};
/// Steps in units of the earlier steps (Zeiler 2012).
[[nodiscard]] OptimizerPtr Adadelta(const AdadeltaOptions& options = {});

struct FtrlOptions {
  LearningRate learning_rate = 0.001;
  double learning_rate_power = -0.5;  ///< at most 0
  double initial_accumulator_value = 0.1;
  double l1_regularization_strength = 0;
  double l2_regularization_strength = 0;
  double l2_shrinkage_regularization_strength = 0;
  double beta = 0;
  OptimizerOptions shared;
};
/// Follow the regularised leader (McMahan and others 2013).
[[nodiscard]] OptimizerPtr Ftrl(const FtrlOptions& options = {});

}  // namespace graft

#pragma GCC visibility pop
