// SPDX-License-Identifier: Apache-2.0
// The part of op_table.hpp for the ops of normalization_ops.hpp.
#pragma once

#include "graft/ops/op_row.hpp"

namespace graft::ops::rows {

constexpr OpInfo row(Of<ScaleShift>) {
  using enum ScaleShift::In;
  using enum ScaleShift::Out;
  return {"ScaleShift",
          {{x, "x", kInPlace}, {scale, "scale"}, {shift, "shift"}},
          {{y, "y"}},
          {Samples::chunks,
           Data::computed,
           Bfloat16::passed_on,
           EightBits::passed_on,
           Gradient::rule,
           {.carries = Carries::fusable, .rounds_result = true}}};
}
constexpr OpInfo row(Of<ScaleShiftBackward>) {
  using enum ScaleShiftBackward::In;
  using enum ScaleShiftBackward::Out;
  return {"ScaleShiftBackward",
          {{x, "x"}, {scale, "scale"}, {dy, "dy"}},
          {{dx, "dx", kOptional},
           {dscale, "dscale", kOptional | kSumOverBatch},
           {dshift, "dshift", kOptional | kSumOverBatch}},
          {Samples::chunks, Data::computed, Bfloat16::passed_on, EightBits::exact, Gradient::none}};
}
constexpr OpInfo row(Of<BatchNormalizationTraining>) {
  using enum BatchNormalizationTraining::In;
  using enum BatchNormalizationTraining::Out;
  return {"BatchNormalizationTraining",
          {{x, "x"}, {gamma, "gamma"}, {beta, "beta"}},
          {{y, "y"}, {mean, "mean"}, {variance, "variance"}},
          {Samples::together,
           Data::computed,
           Bfloat16::passed_on,
           EightBits::exact,
           Gradient::rule,
           {.carries = Carries::any, .batch_statistics = true}}};
}
constexpr OpInfo row(Of<BatchNormalizationTrainingBackward>) {
  using enum BatchNormalizationTrainingBackward::In;
  using enum BatchNormalizationTrainingBackward::Out;
  return {"BatchNormalizationTrainingBackward",
          {{x, "x", kInPlace},
           {gamma, "gamma"},
           {mean, "mean"},
           {variance, "variance"},
           {dy, "dy", kInPlace},
           {beta, "beta", kOptional}},
          {{dx, "dx", kOptional}, {dgamma, "dgamma", kSumOverBatch}, {dbeta, "dbeta", kSumOverBatch}},
          {Samples::together,
           Data::computed,
           Bfloat16::passed_on,
           EightBits::exact,
           Gradient::none,
           {.batch_statistics = true}}};
}
constexpr OpInfo row(Of<UpdateMovingStatistics>) {
  using enum UpdateMovingStatistics::In;
  using enum UpdateMovingStatistics::Out;
  return {"UpdateMovingStatistics",
          {{mean, "mean"}, {variance, "variance"}},
          {{moving_mean, "moving_mean"}, {moving_variance, "moving_variance"}},
          {Samples::together,
           Data::computed,
           Bfloat16::exact,
           EightBits::exact,
           Gradient::none,
           {.batch_statistics = true, .writes_weights = true}}};
}
constexpr OpInfo row(Of<FoldBatchNormalization>) {
  using enum FoldBatchNormalization::In;
  using enum FoldBatchNormalization::Out;
  return {"FoldBatchNormalization",
          {{kernel, "kernel"},
           {bias, "bias", kOptional},
           {gamma, "gamma"},
           {beta, "beta"},
           {mean, "mean"},
           {variance, "variance"}},
          {{folded_kernel, "folded_kernel"}, {folded_bias, "folded_bias"}},
          {Samples::together, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::rule}};
}
constexpr OpInfo row(Of<FoldBatchNormalizationBackward>) {
  using enum FoldBatchNormalizationBackward::In;
  using enum FoldBatchNormalizationBackward::Out;
  return {"FoldBatchNormalizationBackward",
          {{kernel, "kernel"},
           {bias, "bias", kOptional},
           {gamma, "gamma"},
           {mean, "mean"},
           {variance, "variance"},
           {dfolded_kernel, "dfolded_kernel"},
           {dfolded_bias, "dfolded_bias"}},
          {{dkernel, "dkernel", kOptional},
           {dbias, "dbias", kOptional},
           {dgamma, "dgamma", kOptional},
           {dbeta, "dbeta", kOptional}},
          {Samples::together, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::none}};
}
constexpr OpInfo row(Of<BatchNormalizationScaleShift>) {
  using enum BatchNormalizationScaleShift::In;
  using enum BatchNormalizationScaleShift::Out;
  return {"BatchNormalizationScaleShift",
          {{gamma, "gamma"}, {beta, "beta"}, {mean, "mean"}, {variance, "variance"}},
          {{scale, "scale"}, {shift, "shift"}},
          {Samples::together, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::rule}};
}
constexpr OpInfo row(Of<BatchNormalizationScaleShiftBackward>) {
  using enum BatchNormalizationScaleShiftBackward::In;
  using enum BatchNormalizationScaleShiftBackward::Out;
  return {"BatchNormalizationScaleShiftBackward",
          {{mean, "mean"}, {variance, "variance"}, {dscale, "dscale"}, {dshift, "dshift"}},
          {{dgamma, "dgamma"}, {dbeta, "dbeta"}},
          {Samples::together, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::none}};
}
constexpr OpInfo row(Of<GroupNormalization>) {
  using enum GroupNormalization::In;
  using enum GroupNormalization::Out;
  return {"GroupNormalization",
          Arguments::none_left_out({{x, "x"}, {gamma, "gamma", kOptional}, {beta, "beta", kOptional}}),
          {{y, "y"}, {mean, "mean", kOptional}, {inverse, "inverse", kOptional}},
          {Samples::alone, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::rule}};
}
constexpr OpInfo row(Of<GroupNormalizationBackward>) {
  using enum GroupNormalizationBackward::In;
  using enum GroupNormalizationBackward::Out;
  return {"GroupNormalizationBackward",
          {{x, "x"}, {gamma, "gamma", kOptional}, {mean, "mean"}, {inverse, "inverse"}, {dy, "dy"}},
          {{dx, "dx", kOptional},
           {dgamma, "dgamma", kOptional | kSumOverBatch},
           {dbeta, "dbeta", kOptional | kSumOverBatch}},
          {Samples::alone, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::none}};
}

}  // namespace graft::ops::rows
