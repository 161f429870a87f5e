// SPDX-License-Identifier: Apache-2.0
// Keras's losses, with its names and defaults (keras.losses 3.15). Your own: extend/loss.hpp.
#pragma once

#include "graft/extend/loss.hpp"

#pragma GCC visibility push(default)

namespace graft {

struct CrossentropyOptions {
  bool from_logits = false;    ///< predictions are logits, else probabilities
  double label_smoothing = 0;  ///< share of each label that is spread over all classes; not for sparse labels
};
/// Two classes, one output; or K independent yes-or-no answers. Labels: float32 (N, K) or int32 (N,), 0 or 1.
[[nodiscard]] LossPtr BinaryCrossentropy(const CrossentropyOptions& options = {});
/// K classes, K outputs. Labels: float32 (N, K), one-hot or probabilities.
[[nodiscard]] LossPtr CategoricalCrossentropy(const CrossentropyOptions& options = {});
/// K classes, K outputs. Labels: int32 (N,), the class.
[[nodiscard]] LossPtr SparseCategoricalCrossentropy(const CrossentropyOptions& options = {});

struct FocalCrossentropyOptions {
  double alpha = 0.25;
  double gamma = 2;                    ///< how much less an almost right prediction counts
  bool apply_class_balancing = false;  ///< binary: class 1 counts alpha, class 0 counts 1 - alpha
  bool from_logits = false;
  double label_smoothing = 0;
};
/// Crossentropy times (1 - p)^gamma (Lin and others 2017); alpha only with apply_class_balancing.
[[nodiscard]] LossPtr BinaryFocalCrossentropy(const FocalCrossentropyOptions& options = {});
/// The same for K classes, times alpha.
[[nodiscard]] LossPtr CategoricalFocalCrossentropy(const FocalCrossentropyOptions& options = {});

/// mean max(1 - y p, 0), labels -1 or 1; where all are 0 or 1, 0 stands for -1.
[[nodiscard]] LossPtr Hinge();
/// The mean of its squares.
[[nodiscard]] LossPtr SquaredHinge();
/// max(largest wrong score - right score + 1, 0), labels one-hot.
[[nodiscard]] LossPtr CategoricalHinge();
/// mean (y - p)^2.
[[nodiscard]] LossPtr MeanSquaredError();
/// mean |y - p|.
[[nodiscard]] LossPtr MeanAbsoluteError();
/// sum y log(y / p), both kept within 1e-7..1.
[[nodiscard]] LossPtr KLDivergence();

/// By Keras's name: binary_crossentropy, mse, ... Throws Error{invalid_argument} listing them.
[[nodiscard]] LossPtr loss_from_name(const std::string& name);

}  // namespace graft

#pragma GCC visibility pop
