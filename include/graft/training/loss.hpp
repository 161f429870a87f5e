// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "graft/plan/plan.hpp"
#include "graft/tensor/tensor.hpp"

namespace graft {

/// What a model gave and what it should have given.
struct LossInput {
  const Tensor& predictions;    ///< float32 (N, K), or (N, 1)
  const Tensor& labels;         ///< of the loss's kind
  const Tensor& sample_weight;  ///< empty, or float32 (N,)
  /// True where predictions are logits, because the loss says so or because the plan left the last activation
  /// out.
  bool logits = false;
};

/// A loss of a batch: the mean over its samples, each multiplied by its sample_weight (Keras's
/// reduction="sum_over_batch_size"). Immutable, safe to share between threads.
class Loss {
 public:
  virtual ~Loss() = default;
  /// The loss. gradient, where not null: d loss / d predictions, in predictions' shape.
  /// Throws Error{shape_mismatch} when labels do not fit.
  [[nodiscard]] virtual double compute(const LossInput& input, Tensor* gradient) const = 0;
  [[nodiscard]] virtual bool from_logits() const = 0;
  /// The final activation that this loss takes in itself, when a model ends in it.
  [[nodiscard]] virtual plan::FinalActivation absorbs() const = 0;
  /// Keras's serialised form.
  [[nodiscard]] virtual Json config() const = 0;
};

using LossPtr = std::shared_ptr<const Loss>;

struct CrossentropyOptions {
  bool from_logits = false;    ///< predictions are logits, else probabilities
  double label_smoothing = 0;  ///< this share of each label goes to all classes alike; not for sparse labels
};
/// Two classes, one output; or K independent yes-or-no answers. Labels: float32 (N, K) or int32 (N,), 0 or 1.
[[nodiscard]] LossPtr BinaryCrossentropy(const CrossentropyOptions& options = {});
/// K classes, K outputs. Labels: float32 (N, K), one-hot or probabilities.
[[nodiscard]] LossPtr CategoricalCrossentropy(const CrossentropyOptions& options = {});
/// K classes, K outputs. Labels: int32 (N,), the class.
[[nodiscard]] LossPtr SparseCategoricalCrossentropy(const CrossentropyOptions& options = {});

struct FocalCrossentropyOptions {
  double alpha = 0.25;
  double gamma = 2;                    ///< how much less what is nearly right counts
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
/// From Keras's serialised form, or from a name. Throws Error{bad_file} or Error{unsupported}.
[[nodiscard]] LossPtr loss_from_config(const Json& config);

}  // namespace graft
