// SPDX-License-Identifier: Apache-2.0
#include "graft/ops/op.hpp"

#include <algorithm>
#include <array>

namespace graft::ops {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<Params>> kNames = {
    "Convolution",
    "ConvolutionBackwardInput",
    "ConvolutionBackwardKernel",
    "Dense",
    "DenseBackwardInput",
    "DenseBackwardKernel",
    "ActivationForward",
    "ActivationBackward",
    "Softmax",
    "SoftmaxBackward",
    "Cast",
    "ScaleShift",
    "ScaleShiftBackward",
    "BatchNormalizationTraining",
    "BatchNormalizationTrainingBackward",
    "UpdateMovingStatistics",
    "FoldBatchNormalization",
    "FoldBatchNormalizationBackward",
    "BatchNormalizationScaleShift",
    "BatchNormalizationScaleShiftBackward",
    "Pool",
    "PoolBackward",
    "GlobalPool",
    "GlobalPoolBackward",
    "Pad",
    "Crop",
    "Add",
    "Concatenate",
    "Slice",
    "Reshape",
    "Dropout",
    "Resize",
    "RandomTransform",
    "RandomContrast",
    "RandomBrightness",
    "Binary",
    "BinaryBackward",
    "Permute",
    "GroupNormalization",
    "GroupNormalizationBackward",
    "GaussianNoise",
    "ResizeBackward",
    "RandomCrop",
};

}  // namespace

std::string_view name_of(const Params& params) { return kNames.at(params.index()); }

std::int64_t window_output(std::int64_t input, std::int64_t pads, std::int64_t size, std::int64_t stride,
                           std::int64_t dilation) {
  const std::int64_t room = input + pads - ((size - 1) * dilation + 1);
  return room < 0 ? 0 : room / stride + 1;
}

}  // namespace graft::ops
