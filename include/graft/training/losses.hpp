// SPDX-License-Identifier: Apache-2.0
// Keras's losses, with its names and defaults (keras.losses 3.15). Your own: extend/loss.hpp.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "graft/extend/loss.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// Arguments of Keras's crossentropies.
struct CrossentropyOptions {
  bool from_logits = false;  ///< predictions are logits, else probabilities
  /// Share of each label, 0 to 1, that is spread over all classes (binary: moved towards one half). Sparse
  /// labels ignore it.
  double label_smoothing = 0;
};
/// Two classes, one output; or K independent yes-or-no answers. Labels: float32 (N, K) or int32 (N,), 0 or 1.
[[nodiscard]] LossPtr BinaryCrossentropy(const CrossentropyOptions& options = {});
/// K classes, K outputs. Labels: float32 (N, K), one-hot or probabilities.
[[nodiscard]] LossPtr CategoricalCrossentropy(const CrossentropyOptions& options = {});
/// K classes, K outputs. Labels: int32 (N,), the class.
[[nodiscard]] LossPtr SparseCategoricalCrossentropy(const CrossentropyOptions& options = {});

/// Arguments of Keras's focal crossentropies.
struct FocalCrossentropyOptions {
  double alpha = 0.25;                 ///< categorical: factor of the loss; binary: see apply_class_balancing
  double gamma = 2;                    ///< exponent: how much less an almost right prediction counts
  bool apply_class_balancing = false;  ///< binary: class 1 counts alpha, class 0 counts 1 - alpha
  bool from_logits = false;            ///< predictions are logits, else probabilities
  double label_smoothing = 0;          ///< as CrossentropyOptions::label_smoothing
};
/// BinaryCrossentropy times (1 - p)^gamma, p being the probability of the right answer (Lin et al. 2017).
[[nodiscard]] LossPtr BinaryFocalCrossentropy(const FocalCrossentropyOptions& options = {});
/// The same for K classes, times alpha. Labels as CategoricalCrossentropy.
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

/// A loss, or its name as in Keras: CategoricalCrossentropy() or "categorical_crossentropy".
class LossChoice : public LossPtr {
 public:
  /// None.
  LossChoice() = default;
  // NOLINTBEGIN(google-explicit-constructor): loss = "mse" should read as in Keras
  LossChoice(std::nullptr_t) {}                                           ///< none
  LossChoice(const char* name) : LossPtr(loss_from_name(name)) {}         ///< see loss_from_name()
  LossChoice(const std::string& name) : LossPtr(loss_from_name(name)) {}  ///< see loss_from_name()
  /// A loss.
  template <std::derived_from<Loss> Kind>
  LossChoice(std::shared_ptr<Kind> loss) : LossPtr(std::move(loss)) {}
  // NOLINTEND(google-explicit-constructor)
};

}  // namespace graft

#pragma GCC visibility pop
