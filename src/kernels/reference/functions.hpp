// SPDX-License-Identifier: Apache-2.0
// The formulas, one function for each op; accumulated in double, never optimised. One .cpp for each family.
#pragma once

#include "kernels/arguments.hpp"

namespace graft::kernels::reference_detail {

// convolution.cpp
Function function_of(const ops::Convolution& op, const Spec& spec);
Function function_of(const ops::ConvolutionBackwardInput& op, const Spec& spec);
Function function_of(const ops::ConvolutionBackwardKernel& op, const Spec& spec);
// dense.cpp
Function function_of(const ops::Dense& op, const Spec& spec);
Function function_of(const ops::DenseBackwardInput& op, const Spec& spec);
Function function_of(const ops::DenseBackwardKernel& op, const Spec& spec);
Function function_of(const ops::MatMul& op, const Spec& spec);
// elementwise.cpp
Function function_of(const ops::ActivationForward& op, const Spec& spec);
Function function_of(const ops::ActivationBackward& op, const Spec& spec);
Function function_of(const ops::Softmax& op, const Spec& spec);
Function function_of(const ops::SoftmaxBackward& op, const Spec& spec);
Function function_of(const ops::ScaleShift& op, const Spec& spec);
Function function_of(const ops::ScaleShiftBackward& op, const Spec& spec);
Function function_of(const ops::Dropout& op, const Spec& spec);
Function function_of(const ops::GaussianNoise& op, const Spec& spec);
// binary.cpp
Function function_of(const ops::Binary& op, const Spec& spec);
Function function_of(const ops::BinaryBackward& op, const Spec& spec);
// group_normalization.cpp
Function function_of(const ops::GroupNormalization& op, const Spec& spec);
Function function_of(const ops::GroupNormalizationBackward& op, const Spec& spec);
// batch_normalization.cpp
Function function_of(const ops::BatchNormalizationTraining& op, const Spec& spec);
Function function_of(const ops::BatchNormalizationTrainingBackward& op, const Spec& spec);
Function function_of(const ops::UpdateMovingStatistics& op, const Spec& spec);
// folding.cpp
Function function_of(const ops::FoldBatchNormalization& op, const Spec& spec);
Function function_of(const ops::FoldBatchNormalizationBackward& op, const Spec& spec);
Function function_of(const ops::BatchNormalizationScaleShift& op, const Spec& spec);
Function function_of(const ops::BatchNormalizationScaleShiftBackward& op, const Spec& spec);
// cast.cpp
Function function_of(const ops::Cast& op, const Spec& spec);
// pooling.cpp
Function function_of(const ops::Pool& op, const Spec& spec);
Function function_of(const ops::PoolBackward& op, const Spec& spec);
Function function_of(const ops::GlobalPool& op, const Spec& spec);
Function function_of(const ops::GlobalPoolBackward& op, const Spec& spec);
// arrangement.cpp
Function function_of(const ops::Pad& op, const Spec& spec);
Function function_of(const ops::Crop& op, const Spec& spec);
Function function_of(const ops::RandomCrop& op, const Spec& spec);
Function function_of(const ops::Concatenate& op, const Spec& spec);
Function function_of(const ops::Slice& op, const Spec& spec);
Function function_of(const ops::Permute& op, const Spec& spec);
// images.cpp
Function function_of(const ops::Resize& op, const Spec& spec);
Function function_of(const ops::ResizeBackward& op, const Spec& spec);
Function function_of(const ops::RandomTransform& op, const Spec& spec);
Function function_of(const ops::RandomContrast& op, const Spec& spec);
Function function_of(const ops::RandomBrightness& op, const Spec& spec);

}  // namespace graft::kernels::reference_detail
