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
  /// Samples that are classified right: largest logit, or probability at least one half (logit above zero).
  [[nodiscard]] virtual std::int64_t count_correct(const LossInput& input) const = 0;
  [[nodiscard]] virtual bool from_logits() const = 0;
  /// The final activation that this loss takes in itself, when a model ends in it.
  [[nodiscard]] virtual plan::FinalActivation absorbs() const = 0;
  /// Keras's serialised form.
  [[nodiscard]] virtual Json config() const = 0;
};

using LossPtr = std::shared_ptr<const Loss>;

struct CrossentropyOptions {
  bool from_logits = false;  ///< predictions are logits, else probabilities
};
/// Two classes, one output. Labels: float32 (N, 1), 0 or 1.
[[nodiscard]] LossPtr BinaryCrossentropy(const CrossentropyOptions& options = {});
/// K classes, K outputs. Labels: float32 (N, K), one-hot or probabilities.
[[nodiscard]] LossPtr CategoricalCrossentropy(const CrossentropyOptions& options = {});
/// K classes, K outputs. Labels: int32 (N,), the class.
[[nodiscard]] LossPtr SparseCategoricalCrossentropy(const CrossentropyOptions& options = {});

/// By Keras's name: binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy.
/// Throws Error{invalid_argument} listing them.
[[nodiscard]] LossPtr loss_from_name(const std::string& name);

}  // namespace graft
