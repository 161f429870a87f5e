// SPDX-License-Identifier: Apache-2.0
// Ops that normalise or scale channels; op.hpp explains the notation.
#pragma once

#include <cstdint>

#include "graft/extend/activation.hpp"

#pragma GCC visibility push(default)

namespace graft::ops {

/// y = activation(x scale + shift), per channel of the last axis. In: x (..., C), scale (C), shift (C). Out:
/// y.
struct ScaleShift {
  enum class In { x, scale, shift };
  enum class Out { y };
  Activation activation;  ///< applied to the sum
};
/// In: x, scale, dy (before the activation). Out: [dx], [dscale], [dshift].
struct ScaleShiftBackward {
  enum class In { x, scale, dy };
  enum class Out { dx, dscale, dshift };
};

/// Batch normalisation with the batch's own statistics over all axes but the last; variance without Bessel's
/// correction, as Keras; then the activation. In: x (..., C), gamma (C), beta (C). Out: y, mean (C), variance
/// (C).
struct BatchNormalizationTraining {
  enum class In { x, gamma, beta };
  enum class Out { y, mean, variance };
  float epsilon = 1e-3F;  ///< added to the variance before the square root
  Activation activation;  ///< applied to the normalised values
};
/// dy is the gradient after the activation, whose input is recomputed. In: x, gamma, mean, variance, dy,
/// [beta (C), absent where the activation is linear]. Out: [dx], dgamma, dbeta.
struct BatchNormalizationTrainingBackward {
  enum class In { x, gamma, mean, variance, dy, beta };
  enum class Out { dx, dgamma, dbeta };
  float epsilon = 1e-3F;  ///< of the forward op
  Activation activation;  ///< of the forward op
};
/// moving = moving momentum + batch (1 - momentum). In: mean, variance. Out: moving_mean, moving_variance,
/// which hold the old values before the run.
struct UpdateMovingStatistics {
  enum class In { mean, variance };
  enum class Out { moving_mean, moving_variance };
  float momentum = 0.99F;  ///< share of the old value that stays
};

/// kernel' = kernel s per output channel, bias' = beta + ([bias] - mean) s, s = gamma / sqrt(variance +
/// epsilon). In: kernel (..., F), [bias (F)], gamma, beta, mean, variance (F). Out: kernel', bias'. F counts
/// the last axis of the kernel as (kh, kw, in, F); of a depthwise kernel (kh, kw, C, m) the last two
/// together.
struct FoldBatchNormalization {
  enum class In { kernel, bias, gamma, beta, mean, variance };
  enum class Out { folded_kernel, folded_bias };
  float epsilon = 1e-3F;  ///< of the batch normalisation
};
/// In: kernel, [bias], gamma, mean, variance, dkernel', dbias'. Out: [dkernel], [dbias], [dgamma], [dbeta],
/// with dkernel = s dkernel', dbeta = dbias', dbias = s dbias', dgamma = (sum(kernel dkernel') + (bias -
/// mean) dbias') / sqrt(variance + epsilon).
struct FoldBatchNormalizationBackward {
  enum class In { kernel, bias, gamma, mean, variance, dfolded_kernel, dfolded_bias };
  enum class Out { dkernel, dbias, dgamma, dbeta };
  float epsilon = 1e-3F;  ///< of the batch normalisation
};

/// scale = gamma / sqrt(variance + epsilon), shift = beta - mean scale. In: gamma, beta, mean, variance (C).
/// Out: scale, shift.
struct BatchNormalizationScaleShift {
  enum class In { gamma, beta, mean, variance };
  enum class Out { scale, shift };
  float epsilon = 1e-3F;  ///< added to the variance before the square root
};
/// In: mean, variance, dscale, dshift. Out: dgamma = (dscale - mean dshift) / sqrt(variance + epsilon), dbeta
/// = dshift.
struct BatchNormalizationScaleShiftBackward {
  enum class In { mean, variance, dscale, dshift };
  enum class Out { dgamma, dbeta };
  float epsilon = 1e-3F;  ///< of the forward op
};

/// Normalisation within each sample: over all its elements of one group of channels,
/// y = gamma (x - mean) inverse + beta, inverse = 1 / sqrt(variance + epsilon), variance without Bessel's
/// correction. Layer normalisation of (R, C) is the case of one group. In: x (N, ..., C), [gamma (C)],
/// [beta (C)]. Out: y, [mean (N, groups)], [inverse (N, groups)].
struct GroupNormalization {
  enum class In { x, gamma, beta };
  enum class Out { y, mean, inverse };
  std::int64_t groups = 1;  ///< divides C; a group is C / groups channels that follow each other
  float epsilon = 1e-3F;    ///< added to the variance before the square root
};
/// In: x, [gamma], mean, inverse, dy. Out: [dx], [dgamma], [dbeta].
struct GroupNormalizationBackward {
  enum class In { x, gamma, mean, inverse, dy };
  enum class Out { dx, dgamma, dbeta };
  std::int64_t groups = 1;  ///< of the forward op
};

}  // namespace graft::ops

#pragma GCC visibility pop
