// SPDX-License-Identifier: Apache-2.0
#include "kernels/arguments.hpp"

#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"

namespace graft::kernels {
namespace {

/// Fewest and most arguments of an op.
struct Counts {
  std::size_t least_inputs, most_inputs, least_outputs, most_outputs;
};

constexpr std::size_t kAny = 1U << 30U;

// In the order of ops::Params.
constexpr std::array<Counts, std::variant_size_v<ops::Params>> kCounts = {{
    {2, 4, 1, 1},     // Convolution
    {2, 2, 1, 1},     // ConvolutionBackwardInput
    {2, 2, 1, 2},     // ConvolutionBackwardKernel
    {2, 3, 1, 1},     // Dense
    {2, 2, 1, 1},     // DenseBackwardInput
    {2, 2, 1, 2},     // DenseBackwardKernel
    {1, 1, 1, 1},     // ActivationForward
    {2, 2, 1, 1},     // ActivationBackward
    {1, 1, 1, 1},     // Softmax
    {2, 2, 1, 1},     // SoftmaxBackward
    {1, 1, 1, 1},     // Cast
    {3, 3, 1, 1},     // ScaleShift
    {3, 3, 1, 3},     // ScaleShiftBackward
    {3, 3, 3, 3},     // BatchNormalizationTraining
    {5, 6, 3, 3},     // BatchNormalizationTrainingBackward
    {2, 2, 2, 2},     // UpdateMovingStatistics
    {6, 6, 2, 2},     // FoldBatchNormalization
    {7, 7, 1, 4},     // FoldBatchNormalizationBackward
    {4, 4, 2, 2},     // BatchNormalizationScaleShift
    {4, 4, 1, 2},     // BatchNormalizationScaleShiftBackward
    {1, 1, 1, 1},     // Pool
    {3, 3, 1, 1},     // PoolBackward
    {1, 1, 1, 1},     // GlobalPool
    {3, 3, 1, 1},     // GlobalPoolBackward
    {1, 1, 1, 1},     // Pad
    {1, 1, 1, 1},     // Crop
    {2, 2, 1, 1},     // Add
    {1, kAny, 1, 1},  // Concatenate
    {1, 1, 1, 1},     // Slice
    {1, 1, 1, 1},     // Reshape
    {1, 1, 1, 1},     // Dropout
    {1, 1, 1, 1},     // Resize
    {1, 3, 1, 1},     // RandomTransform
    {1, 1, 1, 1},     // RandomContrast
    {1, 1, 1, 1},     // RandomBrightness
    {2, 2, 1, 1},     // Binary
    {3, 3, 1, 1},     // BinaryBackward
    {1, 1, 1, 1},     // Permute
    {3, 3, 1, 3},     // GroupNormalization
    {5, 5, 1, 3},     // GroupNormalizationBackward
    {1, 1, 1, 1},     // GaussianNoise
    {1, 1, 1, 1},     // ResizeBackward
    {1, 1, 1, 1},     // RandomCrop
}};

}  // namespace

void check_arguments(const Spec& spec) {
  const Counts& counts = kCounts.at(spec.params.index());
  const auto check = [&](const char* what, std::size_t least, std::size_t most, std::size_t received) {
    if (received >= least && received <= most) return;
    fail(ErrorKind::internal, ops::name_of(spec.params), ": expected ", least, " to ", most, " ", what,
         ", received ", received);
  };
  check("inputs", counts.least_inputs, counts.most_inputs, spec.inputs.size());
  check("outputs", counts.least_outputs, counts.most_outputs, spec.outputs.size());
}

namespace {

template <typename Predicate>
bool any_of_type(const Spec& spec, const Predicate& is_wanted) {
  const auto wanted = [&](const Argument& argument) { return argument.present && is_wanted(argument.dtype); };
  return std::any_of(spec.inputs.begin(), spec.inputs.end(), wanted) ||
         std::any_of(spec.outputs.begin(), spec.outputs.end(), wanted);
}

}  // namespace

bool any_bfloat16(const Spec& spec) {
  return any_of_type(spec, [](DType dtype) { return dtype == DType::bfloat16; });
}

bool any_eight_bit(const Spec& spec) { return any_of_type(spec, is_eight_bit); }

bool all_have_elements(const Spec& spec) {
  const auto filled = [](const Argument& argument) {
    return !argument.present || argument.shape.count() > 0;
  };
  return std::all_of(spec.inputs.begin(), spec.inputs.end(), filled) &&
         std::all_of(spec.outputs.begin(), spec.outputs.end(), filled);
}

WindowExtents window_extents(const Spec& spec, const Shape& x, const Shape& y) {
  if (x.rank() != 4 || y.rank() != 4 || x[0] != y[0]) {
    fail(ErrorKind::internal, ops::name_of(spec.params),
         ": expected images (N, H, W, C) of one batch size, got ", x, " and ", y);
  }
  return {.n = x[0], .h = x[1], .w = x[2], .c = x[3], .oh = y[1], .ow = y[2], .f = y[3]};
}

}  // namespace graft::kernels
