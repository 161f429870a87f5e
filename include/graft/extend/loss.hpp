// SPDX-License-Identifier: Apache-2.0
// For authors of losses. The losses of graft: graft/training/losses.hpp.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "graft/extend/gradient.hpp"
#include "graft/json_fwd.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// The predictions of a batch and their labels.
struct LossInput {
  const Tensor& predictions;    ///< float32 (N, K), or (N, 1)
  const Tensor& labels;         ///< of the kind that the loss expects
  const Tensor& sample_weight;  ///< empty, or float32 (N,)
  /// True where predictions are logits: the loss is one from_logits, or the plan left the last activation
  /// out.
  bool logits = false;
};

/// A loss of a batch: the mean over its samples, each multiplied by its sample_weight (Keras's
/// reduction="sum_over_batch_size"). Immutable. Threads: any.
class Loss {
 public:
  virtual ~Loss() = default;
  /// Returns the loss. gradient: null, or a tensor of predictions' shape that receives
  /// d loss / d predictions. Throws Error{shape_mismatch} when labels do not fit.
  [[nodiscard]] virtual double compute(const LossInput& input, Tensor* gradient) const = 0;
  /// True where the loss expects logits from the model.
  [[nodiscard]] virtual bool from_logits() const { return false; }
  /// The final activation of a model that this loss can replace by its own: compute() then receives logits.
  [[nodiscard]] virtual plan::FinalActivation absorbs() const { return plan::FinalActivation::none; }
  /// Keras's serialised form: serialised("Huber", {{"name", "huber"}, {"delta", 1.0}}).
  [[nodiscard]] virtual Json config() const = 0;

 protected:
  /// {"module", "class_name", "config", "registered_name"} as Keras writes them for a user's class.
  [[nodiscard]] static Json serialised(const std::string& class_name, Json config);
};

/// A loss that its models share.
using LossPtr = std::shared_ptr<const Loss>;

/// Registers a class of losses, so that files that name it load
/// (keras.saving.register_keras_serializable(package)). from_config receives what the object's config() has
/// under "config" and makes a loss of it; it throws Error{bad_file} for what it cannot read. Throws
/// Error{invalid_argument} for an empty package or name or one with '>', for one that graft or an earlier
/// registration uses, and for an empty function. Threads: any.
void register_loss(const std::string& package, const std::string& class_name,
                   std::function<LossPtr(const Json& config)> from_config);

}  // namespace graft

#pragma GCC visibility pop
