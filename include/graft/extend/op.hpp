// SPDX-License-Identifier: Apache-2.0
// The operations that plans are made of: parameters only. Images are (N, H, W, C), NHWC in memory, float32
// or, in mixed precision, bfloat16; sums are float32 either way. Each comment lists the inputs and outputs in
// the order of the enumerations In and Out, which name them; [x] may be absent (its ValueId is kAbsent, its
// pointer null). What else passes and kernels need to know of an op is its row in
// internal/graft/ops/op_table.hpp: an op without a row does not compile. Ops that normalise or scale channels
// are in normalization_ops.hpp, those for images before the network in image_ops.hpp.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "graft/extend/activation.hpp"
#include "graft/extend/image_ops.hpp"
#include "graft/extend/normalization_ops.hpp"
#include "graft/extend/op_arguments.hpp"

#pragma GCC visibility push(default)

namespace graft::ops {

/// A sliding window over H and W. All sizes are in elements of the input.
struct Window {
  std::int64_t height = 1, width = 1;                    ///< of the window, without dilation
  std::int64_t stride_height = 1, stride_width = 1;      ///< distance of two neighbouring windows
  std::int64_t dilation_height = 1, dilation_width = 1;  ///< 1 = dense, as in Keras
  std::int64_t pad_top = 0, pad_bottom = 0, pad_left = 0, pad_right = 0;  ///< padding at each side
  friend bool operator==(const Window&, const Window&) = default;
};

/// What pooling computes of a window: its largest element or its mean.
enum class PoolKind { max, average };

/// y = activation(conv(x, kernel) + [bias] + [residual]).
/// In: x (N, H, W, C), kernel (kh, kw, C / groups, F), [bias (F)], [residual, shape of y]. Out: y (N, H', W',
/// F). A depthwise kernel (kh, kw, C, m) is the same memory as (kh, kw, 1, C m) with groups = C.
struct Convolution {
  enum class In { x, kernel, bias, residual };
  enum class Out { y };
  Window window;            ///< over x
  std::int64_t groups = 1;  ///< divides C and F; group i of the outputs reads group i of the inputs only
  Activation activation;    ///< applied to the sum
};
/// In: dy (before the activation), kernel. Out: dx. Also the forward op of transposed convolutions.
struct ConvolutionBackwardInput {
  enum class In { dy, kernel };
  enum class Out { dx };
  Window window;            ///< of the convolution: over dx
  std::int64_t groups = 1;  ///< of the convolution
};
/// In: x, dy (before the activation). Out: dkernel, [dbias].
struct ConvolutionBackwardKernel {
  enum class In { x, dy };
  enum class Out { dkernel, dbias };
  Window window;            ///< of the convolution: over x
  std::int64_t groups = 1;  ///< of the convolution
};

/// y = activation(x kernel + [bias]). In: x (R, I), kernel (I, O), [bias (O)]. Out: y (R, O).
struct Dense {
  enum class In { x, kernel, bias };
  enum class Out { y };
  Activation activation;  ///< applied to the sum
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

/// The product of two values' matrices, their last two axes: y = a b, either one transposed first. The axes
/// before them are the same of a, b and y; there is one at least, the samples. In: a (N, ..., R, K),
/// b (N, ..., K, C). Out: y (N, ..., R, C).
struct MatMul {
  enum class In { a, b };
  enum class Out { y };
  bool transpose_a = false;  ///< a is (N, ..., K, R)
  bool transpose_b = false;  ///< b is (N, ..., C, K)
};

/// In: x. Out: y, any shape.
struct ActivationForward {
  using In = UnaryIn;
  using Out = UnaryOut;
  Activation activation;  ///< y = activation(x)
};
/// dx = dy f'. In: y where derivative_from_output(), else x; dy. Out: dx.
struct ActivationBackward {
  enum class In { source, dy };
  enum class Out { dx };
  Activation activation;  ///< f, of the forward op
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

/// Pooling; average counts only the elements inside the image, as TensorFlow does. In: x. Out: y.
struct Pool {
  using In = UnaryIn;
  using Out = UnaryOut;
  PoolKind kind = PoolKind::max;  ///< maximum or mean of each window
  Window window;                  ///< over x
};
/// max: In: x, y, dy; the gradient goes to the first largest element of each window. average: In: x absent, y
/// absent, dy. Out: dx.
struct PoolBackward {
  enum class In { x, y, dy };
  enum class Out { dx };
  PoolKind kind = PoolKind::max;  ///< of the forward op
  Window window;                  ///< of the forward op: over dx
};
/// In: x (N, H, W, C). Out: y (N, C).
struct GlobalPool {
  using In = UnaryIn;
  using Out = UnaryOut;
  PoolKind kind = PoolKind::average;  ///< maximum or mean over H and W
};
/// max: In: x, y, dy; average: x and y absent. Out: dx.
struct GlobalPoolBackward {
  enum class In { x, y, dy };
  enum class Out { dx };
  PoolKind kind = PoolKind::average;  ///< of the forward op
};

/// Zero padding of H and W. In: x. Out: y.
struct Pad {
  using In = UnaryIn;
  using Out = UnaryOut;
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;  ///< rows and columns of zeros to add
};
/// The inner part of H and W: the gradient of a padding. In: x. Out: y.
struct Crop {
  using In = UnaryIn;
  using Out = UnaryOut;
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;  ///< rows and columns to cut off
};

/// What Binary computes of two elements.
enum class BinaryKind {
  add,       ///< a + b
  subtract,  ///< a - b
  multiply,  ///< a b
  divide,    ///< a / b
  maximum,   ///< the larger; the gradient goes to a where they are equal, as TensorFlow's does
  minimum,   ///< the smaller; the same
  prelu,     ///< a for a > 0, else a b
};
/// y = activation(f(a, b)) of arrays of equal rank; where one of them has size 1 along an axis its element is
/// used for all of the other's (broadcasting). In: a, b. Out: y.
struct Binary {
  enum class In { a, b };
  enum class Out { y };
  BinaryKind kind = BinaryKind::add;  ///< f
  Activation activation;              ///< applied to f(a, b)
};
/// The gradient of one side of Binary, summed over the axes along which that side was broadcast; dy is the
/// gradient before the activation. In: a, b, dy; add and subtract: a and b absent. Out: da or db.
struct BinaryBackward {
  enum class In { a, b, dy };
  enum class Out { dside };
  BinaryKind kind = BinaryKind::add;  ///< of the forward op
  int side = 0;                       ///< 0: of a, 1: of b
};

/// The same elements with the axes in another order. In: x. Out: y.
struct Permute {
  using In = UnaryIn;
  using Out = UnaryOut;
  std::vector<int> axes;  ///< y's axis i is x's axis axes[i]; all axes, from 0, the batch axis included
};

/// Joins arrays along an axis. In: any number of x. Out: y.
struct Concatenate {
  using In = UnaryIn;
  using Out = UnaryOut;
  int axis = 3;  ///< counted with the batch axis; not negative
};
/// The part [begin, begin + size of y's axis) of x along an axis: the gradient of a concatenation. In: x.
/// Out: y.
struct Slice {
  using In = UnaryIn;
  using Out = UnaryOut;
  int axis = 3;            ///< counted with the batch axis; not negative
  std::int64_t begin = 0;  ///< first index of the part along the axis
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
  float rate = 0.5F;              ///< from 0 to 1
  std::uint64_t seed = 0;         ///< seed of the op; two ops of one kind and seed draw the same
  std::uint32_t shared_axes = 0;  ///< bit i: one draw for all elements along axis i (Keras's noise_shape 1)
};
/// y = x + deviation z, z normal, drawn for every element in each run. In: x. Out: y.
struct GaussianNoise {
  using In = UnaryIn;
  using Out = UnaryOut;
  float deviation = 1;     ///< standard deviation of the noise
  std::uint64_t seed = 0;  ///< of the op, as in Dropout
};

/// The parameters of one op: which op it is, and its settings.
using Params =
    std::variant<Convolution, ConvolutionBackwardInput, ConvolutionBackwardKernel, Dense, DenseBackwardInput,
                 DenseBackwardKernel, MatMul, ActivationForward, ActivationBackward, Softmax, SoftmaxBackward,
                 Cast, ScaleShift, ScaleShiftBackward, BatchNormalizationTraining,
                 BatchNormalizationTrainingBackward, UpdateMovingStatistics, FoldBatchNormalization,
                 FoldBatchNormalizationBackward, BatchNormalizationScaleShift,
                 BatchNormalizationScaleShiftBackward, Pool, PoolBackward, GlobalPool, GlobalPoolBackward,
                 Pad, Crop, Concatenate, Slice, Reshape, Dropout, Resize, RandomTransform, RandomContrast,
                 RandomBrightness, Binary, BinaryBackward, Permute, GroupNormalization,
                 GroupNormalizationBackward, GaussianNoise, ResizeBackward, RandomCrop>;

/// The parameter struct's name, of Binary its kind's ("Add"): for messages and profiles.
[[nodiscard]] std::string_view name_of(const Params& params);

/// Output extent of one axis under a window: (in + pads - ((size - 1) dilation + 1)) / stride + 1, at least
/// 0.
[[nodiscard]] std::int64_t window_output(std::int64_t input, std::int64_t pads, std::int64_t size,
                                         std::int64_t stride, std::int64_t dilation);

}  // namespace graft::ops

#pragma GCC visibility pop
