// SPDX-License-Identifier: Apache-2.0
// The options of each optimizer in Keras's configs, beside the learning rate.
#pragma once

#include <span>

#include "graft/training/optimizers.hpp"

#include "training/serialised.hpp"

namespace graft::training {

/// Keras writes null for 1.
struct AccumulationCodec : Codec<std::int64_t> {
  static Json write(std::int64_t steps) { return steps > 1 ? Json(steps) : Json(nullptr); }
};

inline constexpr auto kSharedFields = fields<OptimizerOptions>(
    field<&OptimizerOptions::name>("name"), field<&OptimizerOptions::weight_decay>("weight_decay"),
    field<&OptimizerOptions::clipnorm>("clipnorm"),
    field<&OptimizerOptions::global_clipnorm>("global_clipnorm"),
    field<&OptimizerOptions::clipvalue>("clipvalue"), field<&OptimizerOptions::use_ema>("use_ema"),
    field<&OptimizerOptions::ema_momentum>("ema_momentum"),
    field<&OptimizerOptions::ema_overwrite_frequency>("ema_overwrite_frequency"),
    field<&OptimizerOptions::loss_scale_factor>("loss_scale_factor"),
    field<&OptimizerOptions::gradient_accumulation_steps, AccumulationCodec>("gradient_accumulation_steps"));

inline constexpr auto kSgdFields =
    fields<SGDOptions>(field<&SGDOptions::momentum>("momentum"), field<&SGDOptions::nesterov>("nesterov"));
inline constexpr auto kRmspropFields = fields<RMSpropOptions>(
    field<&RMSpropOptions::rho>("rho"), field<&RMSpropOptions::momentum>("momentum"),
    field<&RMSpropOptions::epsilon>("epsilon"), field<&RMSpropOptions::centered>("centered"));
inline constexpr auto kMomentFields =
    fields<AdamOptions>(field<&AdamOptions::beta_1>("beta_1"), field<&AdamOptions::beta_2>("beta_2"),
                        field<&AdamOptions::epsilon>("epsilon"));
inline constexpr auto kAdamFields =
    kMomentFields + fields<AdamOptions>(field<&AdamOptions::amsgrad>("amsgrad"));
/// Of Nadam and Adamax, which refuse amsgrad.
inline constexpr auto kNoAmsgradFields =
    kMomentFields + fields<AdamOptions>(field<&AdamOptions::amsgrad>("amsgrad").read_only());
inline constexpr auto kLionFields =
    fields<LionOptions>(field<&LionOptions::beta_1>("beta_1"), field<&LionOptions::beta_2>("beta_2"));
inline constexpr auto kAdagradFields =
    fields<AdagradOptions>(field<&AdagradOptions::initial_accumulator_value>("initial_accumulator_value"),
                           field<&AdagradOptions::epsilon>("epsilon"));
inline constexpr auto kAdadeltaFields =
    fields<AdadeltaOptions>(field<&AdadeltaOptions::rho>("rho"), field<&AdadeltaOptions::epsilon>("epsilon"));
inline constexpr auto kFtrlFields = fields<FtrlOptions>(
    field<&FtrlOptions::learning_rate_power>("learning_rate_power"),
    field<&FtrlOptions::initial_accumulator_value>("initial_accumulator_value"),
    field<&FtrlOptions::l1_regularization_strength>("l1_regularization_strength"),
    field<&FtrlOptions::l2_regularization_strength>("l2_regularization_strength"),
    field<&FtrlOptions::l2_shrinkage_regularization_strength>("l2_shrinkage_regularization_strength"),
    field<&FtrlOptions::beta>("beta"));

/// An optimizer whose config is its options by a field list.
template <typename Options>
class OptimizerWith : public Optimizer {
 public:
  /// list: of Options; outlives the optimizer.
  OptimizerWith(const char* class_name, std::span<const Field> list, const Options& options)
      : Optimizer(class_name, options.learning_rate, options.shared), options_(options), list_(list) {}

 protected:
  [[nodiscard]] Json own_config() const final { return write_fields(list_, &options_); }
  const Options options_;

 private:
  std::span<const Field> list_;
};

}  // namespace graft::training
