// SPDX-License-Identifier: Apache-2.0
// The operations that plans are made of: parameters only. Images are (N, H, W, C), NHWC in memory, float32
// or, in mixed precision, bfloat16; sums are float32 either way. Each comment lists the inputs and outputs in
// the order of the enumerations In and Out, which name them; [x] may be absent (its ValueId is kAbsent, its
// pointer null). What passes and kernels must know of an op beside this is its row in
// internal/graft/ops/op_table.hpp: an op without a row does not compile.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "graft/extend/activation.hpp"

#pragma GCC visibility push(default)

namespace graft::ops {

/// A sliding window over H and W, with the padding in elements that it adds at each side.
struct Window {
  std::int64_t height = 1, width = 1;
  std::int64_t stride_height = 1, stride_width = 1;
  std::int64_t dilation_height = 1, dilation_width = 1;  ///< 1 = dense, as in Keras
  std::int64_t pad_top = 0, pad_bottom = 0, pad_left = 0, pad_right = 0;
  friend bool operator==(const Window&, const Window&) = default;
};

/// Names of the arguments of ops that make one array of another.
enum class UnaryIn { x };
enum class UnaryOut { y };

enum class PoolKind { max, average };

/// y = activation(conv(x, kernel) + [bias] + [residual]).
/// In: x (N, H, W, C), kernel (kh, kw, C / groups, F), [bias (F)], [residual, shape of y]. Out: y (N, H', W',
/// F). A depthwise kernel (kh, kw, C, m) is the same memory as (kh, kw, 1, C m) with groups = C.
struct Convolution {
  enum class In { x, kernel, bias, residual };
  enum class Out { y };
  Window window;
  std::int64_t groups = 1;
  Activation activation;
};
/// In: dy (before the activation), kernel. Out: dx. Also the forward op of transposed convolutions.
struct ConvolutionBackwardInput {
  enum class In { dy, kernel };
  enum class Out { dx };
  Window window;
  std::int64_t groups = 1;
};
/// In: x, dy (before the activation). Out: dkernel, [dbias].
struct ConvolutionBackwardKernel {
  enum class In { x, dy };
  enum class Out { dkernel, dbias };
  Window window;
  std::int64_t groups = 1;
};

/// y = activation(x kernel + [bias]). In: x (R, I), kernel (I, O), [bias (O)]. Out: y (R, O).
struct Dense {
  enum class In { x, kernel, bias };
  enum class Out { y };
  Activation activation;
};
/// In: dy, kernel. Out: dx = dy kernel^T.
struct DenseBackwardInput {
  enum class In { dy, kernel };
  enum class Out { dx };
};
/// In: x, dy. Out: dkernel = x^T dy, [dbias = sum of dy's rows].
struct DenseBackwardKernel {
  enum class In { x, dy };
  enum class Out { dkernel, dbias };
};

/// In: x. Out: y, any shape.
struct ActivationForward {
  using In = UnaryIn;
  using Out = UnaryOut;
  Activation activation;
};
/// dx = dy f'. In: y where derivative_from_output(), else x; dy. Out: dx.
struct ActivationBackward {
  enum class In { source, dy };
  enum class Out { dx };
  Activation activation;
};

/// Softmax over the last axis. In: x. Out: y.
struct Softmax {
  using In = UnaryIn;
  using Out = UnaryOut;
};
/// dx = y (dy - sum(y dy)). In: y, dy. Out: dx.
struct SoftmaxBackward {
  enum class In { y, dy };
  enum class Out { dx };
};

/// y = activation(x scale + shift), per channel of the last axis. In: x (..., C), scale (C), shift (C). Out:
/// y.
struct ScaleShift {
  enum class In { x, scale, shift };
  enum class Out { y };
  Activation activation;
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
  float epsilon = 1e-3F;
  Activation activation;
};
/// dy is the gradient after the activation, whose input is recomputed. In: x, gamma, mean, variance, dy,
/// [beta (C), absent where the activation is linear]. Out: [dx], dgamma, dbeta.
struct BatchNormalizationTrainingBackward {
  enum class In { x, gamma, mean, variance, dy, beta };
  enum class Out { dx, dgamma, dbeta };
  float epsilon = 1e-3F;
  Activation activation;
};
/// moving = moving momentum + batch (1 - momentum). In: mean, variance. Out: moving_mean, moving_variance,
/// which hold the old values before the run.
struct UpdateMovingStatistics {
  enum class In { mean, variance };
  enum class Out { moving_mean, moving_variance };
  float momentum = 0.99F;
};

/// kernel' = kernel s per output channel, bias' = beta + ([bias] - mean) s, s = gamma / sqrt(variance +
/// epsilon). In: kernel (..., F), [bias (F)], gamma, beta, mean, variance (F). Out: kernel', bias'. F counts
/// the last axis of the kernel as (kh, kw, in, F); of a depthwise kernel (kh, kw, C, m) the last two
/// together.
struct FoldBatchNormalization {
  enum class In { kernel, bias, gamma, beta, mean, variance };
  enum class Out { folded_kernel, folded_bias };
  float epsilon = 1e-3F;
};
/// In: kernel, [bias], gamma, mean, variance, dkernel', dbias'. Out: [dkernel], [dbias], [dgamma], [dbeta],
/// with dkernel = s dkernel', dbeta = dbias', dbias = s dbias', dgamma = (sum(kernel dkernel') + (bias -
/// mean) dbias') / sqrt(variance + epsilon).
struct FoldBatchNormalizationBackward {
  enum class In { kernel, bias, gamma, mean, variance, dfolded_kernel, dfolded_bias };
  enum class Out { dkernel, dbias, dgamma, dbeta };
  float epsilon = 1e-3F;
};

/// Normalisation within each sample: over all its elements of one group of channels,
/// y = gamma (x - mean) inverse + beta, inverse = 1 / sqrt(variance + epsilon), variance without Bessel's
/// correction. Layer normalisation of (R, C) is the case of one group. In: x (N, ..., C), [gamma (C)],
/// [beta (C)]. Out: y, [mean (N, groups)], [inverse (N, groups)].
struct GroupNormalization {
  enum class In { x, gamma, beta };
  enum class Out { y, mean, inverse };
  std::int64_t groups = 1;
  float epsilon = 1e-3F;
};
/// In: x, [gamma], mean, inverse, dy. Out: [dx], [dgamma], [dbeta].
struct GroupNormalizationBackward {
  enum class In { x, gamma, mean, inverse, dy };
  enum class Out { dx, dgamma, dbeta };
  std::int64_t groups = 1;
};

/// scale = gamma / sqrt(variance + epsilon), shift = beta - mean scale. In: gamma, beta, mean, variance (C).
/// Out: scale, shift.
struct BatchNormalizationScaleShift {
  enum class In { gamma, beta, mean, variance };
  enum class Out { scale, shift };
  float epsilon = 1e-3F;
};
/// In: mean, variance, dscale, dshift. Out: dgamma = (dscale - mean dshift) / sqrt(variance + epsilon), dbeta
/// = dshift.
struct BatchNormalizationScaleShiftBackward {
  enum class In { mean, variance, dscale, dshift };
  enum class Out { dgamma, dbeta };
  float epsilon = 1e-3F;
};

/// Pooling; average counts only the elements inside the image, as TensorFlow does. In: x. Out: y.
struct Pool {
  using In = UnaryIn;
  using Out = UnaryOut;
  PoolKind kind = PoolKind::max;
  Window window;
};
/// max: In: x, y, dy; the gradient goes to the first largest element of each window. average: In: x absent, y
/// absent, dy. Out: dx.
struct PoolBackward {
  enum class In { x, y, dy };
  enum class Out { dx };
  PoolKind kind = PoolKind::max;
  Window window;
};
/// In: x (N, H, W, C). Out: y (N, C).
struct GlobalPool {
  using In = UnaryIn;
  using Out = UnaryOut;
  PoolKind kind = PoolKind::average;
};
/// max: In: x, y, dy; average: x and y absent. Out: dx.
struct GlobalPoolBackward {
  enum class In { x, y, dy };
  enum class Out { dx };
  PoolKind kind = PoolKind::average;
};

/// Zero padding of H and W. In: x. Out: y.
struct Pad {
  using In = UnaryIn;
  using Out = UnaryOut;
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;
};
/// The inner part of H and W: the gradient of a padding. In: x. Out: y.
struct Crop {
  using In = UnaryIn;
  using Out = UnaryOut;
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;
};

/// y = activation(a + b), equal shapes: the case of Binary that passes fuse. In: a, b. Out: y.
struct Add {
  enum class In { a, b };
  enum class Out { y };
  Activation activation;
};

/// What Binary computes of two elements.
enum class BinaryKind {
  add,       ///< a + b
  subtract,  ///< a - b
  multiply,  ///< a b
  maximum,   ///< the larger; the gradient goes to a where they are equal, as TensorFlow's does
  minimum,   ///< the smaller; the same
  prelu,     ///< a for a > 0, else a b
};
/// y = activation(f(a, b)) of arrays of equal rank; where one of them has size 1 along an axis its element is
/// used for all of the other's (broadcasting). In: a, b. Out: y.
struct Binary {
  enum class In { a, b };
  enum class Out { y };
  BinaryKind kind = BinaryKind::add;
  Activation activation;
};
/// The gradient of one side of Binary, summed over the axes along which that side was broadcast; dy is the
/// gradient before the activation. In: a, b, dy; add and subtract: a and b absent. Out: da or db.
struct BinaryBackward {
  enum class In { a, b, dy };
  enum class Out { dside };
  BinaryKind kind = BinaryKind::add;
  int side = 0;  ///< 0: of a, 1: of b
};

/// y's axis i is x's axis axes[i]. In: x. Out: y.
struct Permute {
  using In = UnaryIn;
  using Out = UnaryOut;
  std::vector<int> axes;
};

/// Joins along an axis (counted with the batch axis, not negative). In: any number of x. Out: y.
struct Concatenate {
  using In = UnaryIn;
  using Out = UnaryOut;
  int axis = 3;
};
/// The part [begin, begin + size of y's axis) of x along an axis: the gradient of a concatenation. In: x.
/// Out: y.
struct Slice {
  using In = UnaryIn;
  using Out = UnaryOut;
  int axis = 3;
  std::int64_t begin = 0;
};

/// The same elements in another shape: shares memory, has no kernel. In: x. Out: y.
struct Reshape {
  using In = UnaryIn;
  using Out = UnaryOut;
};

/// The same elements in another type: float32 to bfloat16, rounding to nearest even, or back. In: x. Out: y.
struct Cast {
  using In = UnaryIn;
  using Out = UnaryOut;
};

/// Zeroes elements with probability rate and divides the others by 1 - rate. Which ones depends on the run's
/// seed and step and on this seed only, so that the same function on dy is the backward pass. In: x. Out: y.
struct Dropout {
  using In = UnaryIn;
  using Out = UnaryOut;
  float rate = 0.5F;
  std::uint64_t seed = 0;
  std::uint32_t shared_axes = 0;  ///< bit i: one draw for all elements along axis i (Keras's noise_shape 1)
};
/// y = x + deviation z, z normal, drawn for every element in each run. In: x. Out: y.
struct GaussianNoise {
  using In = UnaryIn;
  using Out = UnaryOut;
  float deviation = 1;
  std::uint64_t seed = 0;
};

enum class Interpolation { nearest, bilinear };
/// What a sampled pixel outside the image is (keras.layers.RandomRotation's fill_mode).
enum class FillMode {
  reflect,   ///< d c b a | a b c d | d c b a
  nearest,   ///< a a a a | a b c d | d d d d
  wrap,      ///< a b c d | a b c d | a b c d
  constant,  ///< fill_value
};

/// Resizes H and W with half-pixel centres, without antialiasing (keras.layers.Resizing). In: x. Out: y.
struct Resize {
  using In = UnaryIn;
  using Out = UnaryOut;
  Interpolation interpolation = Interpolation::bilinear;
};
/// In: dy. Out: dx.
struct ResizeBackward {
  enum class In { dy };
  enum class Out { dx };
  Interpolation interpolation = Interpolation::bilinear;
};

struct Bounds {
  float low = 0, high = 0;
};

/// A random affine map of each sample, drawn in each run, as Keras's random layers do in training. Each
/// part is a no-op at its default. Ranges are fractions: angle of a full turn, shifts of the height or width
/// (positive: down, right), zoom the change of the visible size (0.2 shows 20 % more: zooms out); then the
/// pixels times scale plus shift. In: x (N, H, W, C), [scale (C)], [shift (C)]. Out: y.
struct RandomTransform {
  enum class In { x, scale, shift };
  enum class Out { y };
  /// Each with probability 1/2.
  struct Flip {
    bool horizontal = false, vertical = false;
    std::uint64_t seed = 0;
  };

  bool flip_horizontal = false, flip_vertical = false;  ///< each with probability 1/2
  Bounds angle, shift_height, shift_width, zoom_height, zoom_width;
  bool zoom_keeps_ratio = false;  ///< zoom_width follows zoom_height's draw
  FillMode fill_mode = FillMode::reflect;
  float fill_value = 0;
  Interpolation interpolation = Interpolation::bilinear;
  std::uint64_t seed = 0;
  std::optional<Flip> flip_before;  ///< the flip of an op that came before
};

/// A part of H and W at a place drawn in each run, the same for all samples. In: x (N, H, W, C). Out: y
/// (N, H', W', C), no larger.
struct RandomCrop {
  using In = UnaryIn;
  using Out = UnaryOut;
  std::uint64_t seed = 0;
};

/// y = (x - mean) factor + mean per sample and channel (mean over H and W), clipped to value_range; factor
/// uniform in the range. In: x. Out: y. (keras.layers.RandomContrast)
struct RandomContrast {
  using In = UnaryIn;
  using Out = UnaryOut;
  Bounds factor{1, 1};
  Bounds value_range{0, 255};
  std::uint64_t seed = 0;
};

/// y = x + delta (value_range's extent) clipped to value_range, one delta a sample, uniform in the range. In:
/// x. Out: y. (keras.layers.RandomBrightness)
struct RandomBrightness {
  using In = UnaryIn;
  using Out = UnaryOut;
  Bounds delta;
  Bounds value_range{0, 255};
  std::uint64_t seed = 0;
};

using Params =
    std::variant<Convolution, ConvolutionBackwardInput, ConvolutionBackwardKernel, Dense, DenseBackwardInput,
                 DenseBackwardKernel, ActivationForward, ActivationBackward, Softmax, SoftmaxBackward, Cast,
                 ScaleShift, ScaleShiftBackward, BatchNormalizationTraining,
                 BatchNormalizationTrainingBackward, UpdateMovingStatistics, FoldBatchNormalization,
                 FoldBatchNormalizationBackward, BatchNormalizationScaleShift,
                 BatchNormalizationScaleShiftBackward, Pool, PoolBackward, GlobalPool, GlobalPoolBackward,
                 Pad, Crop, Add, Concatenate, Slice, Reshape, Dropout, Resize, RandomTransform,
                 RandomContrast, RandomBrightness, Binary, BinaryBackward, Permute, GroupNormalization,
                 GroupNormalizationBackward, GaussianNoise, ResizeBackward, RandomCrop>;

/// The parameter struct's name, for messages and profiles.
[[nodiscard]] std::string_view name_of(const Params& params);

/// Output extent of one axis under a window: (in + pads - ((size - 1) dilation + 1)) / stride + 1, at least
/// 0.
[[nodiscard]] std::int64_t window_output(std::int64_t input, std::int64_t pads, std::int64_t size,
                                         std::int64_t stride, std::int64_t dilation);

}  // namespace graft::ops

#pragma GCC visibility pop
