// SPDX-License-Identifier: Apache-2.0
// The fast loops: one function per op, or one per element type, as the table in native.cpp shows. A function
// that is empty for a spec does not support it. Those marked (in place) may write over an input.
#pragma once

#include "kernels/arguments.hpp"

namespace graft::kernels::native_detail {

// ops/elementwise.cpp; further files are in ops/ as well
Function function_of(const ops::ActivationForward& op, const Spec& spec);   // (in place)
Function function_of(const ops::ActivationBackward& op, const Spec& spec);  // (in place)
Function function_of(const ops::ScaleShift& op, const Spec& spec);          // (in place)
Function function_of(const ops::ScaleShiftBackward& op, const Spec& spec);
Function function_of(const ops::Softmax& op, const Spec& spec);  // (in place)
Function function_of(const ops::SoftmaxBackward& op, const Spec& spec);
// dropout.cpp
Function function_of(const ops::Dropout& op, const Spec& spec);        // (in place)
Function function_of(const ops::GaussianNoise& op, const Spec& spec);  // (in place)
// binary.cpp
Function function_of(const ops::Binary& op, const Spec& spec);  // (in place, over an input of y's shape)
Function bf16_function_of(
    const ops::Binary& op,
    const Spec& spec);  // the same; but for sums of one shape empty unless all are bfloat16
// binary_backward.cpp
Function function_of(const ops::BinaryBackward& op, const Spec& spec);
// group_normalization.cpp, for images and other arrays of few channels; layer_normalization.cpp for rows
Function function_of(const ops::GroupNormalization& op, const Spec& spec);
Function function_of(const ops::GroupNormalizationBackward& op, const Spec& spec);
// batch_normalization.cpp; bf16: where x is bfloat16
Function function_of(const ops::BatchNormalizationTraining& op, const Spec& spec);
Function function_of(const ops::BatchNormalizationTrainingBackward& op, const Spec& spec);  // (in place)
Function bf16_function_of(const ops::BatchNormalizationTraining& op, const Spec& spec);
Function bf16_function_of(const ops::BatchNormalizationTrainingBackward& op, const Spec& spec);  // (in place)
Function function_of(const ops::UpdateMovingStatistics& op, const Spec& spec);
// folding.cpp
Function function_of(const ops::FoldBatchNormalization& op, const Spec& spec);
Function function_of(const ops::FoldBatchNormalizationBackward& op, const Spec& spec);
Function function_of(const ops::BatchNormalizationScaleShift& op, const Spec& spec);
Function function_of(const ops::BatchNormalizationScaleShiftBackward& op, const Spec& spec);
// bf16_elementwise.cpp, where an argument is bfloat16; (in place)
Function bf16_function_of(const ops::ActivationForward& op, const Spec& spec);
Function bf16_function_of(const ops::ActivationBackward& op, const Spec& spec);
/// A sum of arrays of one shape; any mix of float32 and bfloat16.
Function bf16_sum_of(const ops::Binary& op, const Spec& spec);
Function bf16_function_of(const ops::ScaleShift& op, const Spec& spec);  // empty where a row exceeds a block
// int8_pooling.cpp, where an argument is uint8 or int8; empty for averages, and where scales differ
Function int8_function_of(const ops::Pool& op, const Spec& spec);
// cast.cpp
Function function_of(const ops::Cast& op, const Spec& spec);
// depthwise_backward.cpp; float32 or bfloat16; empty unless depthwise with channels in sixteens
Function function_of(const ops::ConvolutionBackwardKernel& op, const Spec& spec);
// dense_one_row.cpp; empty where there is more than one row
Function function_of(const ops::Dense& op, const Spec& spec);
// pooling.cpp
Function function_of(const ops::Pool& op, const Spec& spec);
Function bf16_function_of(const ops::Pool& op, const Spec& spec);  // empty unless both are bfloat16
// global_pooling.cpp; bf16: averages only, to bfloat16 or float32
Function function_of(const ops::GlobalPool& op, const Spec& spec);
Function bf16_function_of(const ops::GlobalPool& op, const Spec& spec);
// pooling_backward.cpp
Function function_of(const ops::PoolBackward& op, const Spec& spec);
Function function_of(const ops::GlobalPoolBackward& op, const Spec& spec);
// arrangement.cpp; any element type, empty where types or scales differ
Function function_of(const ops::Pad& op, const Spec& spec);
Function function_of(const ops::Crop& op, const Spec& spec);
Function function_of(const ops::RandomCrop& op, const Spec& spec);
Function function_of(const ops::Concatenate& op, const Spec& spec);
Function function_of(const ops::Slice& op, const Spec& spec);
// permute.cpp
Function function_of(const ops::Permute& op, const Spec& spec);
// resize.cpp
Function function_of(const ops::Resize& op, const Spec& spec);
Function function_of(const ops::ResizeBackward& op, const Spec& spec);
// images.cpp
Function function_of(const ops::RandomContrast& op, const Spec& spec);    // (in place)
Function function_of(const ops::RandomBrightness& op, const Spec& spec);  // (in place)
// random_transform.cpp
Function function_of(const ops::RandomTransform& op, const Spec& spec);
Function bf16_function_of(const ops::RandomTransform& op,
                          const Spec& spec);  // empty unless only y is bfloat16

// Kernels that pack weights into their own form; null where they are not faster than oneDNN's, and where the
// processor lacks the instructions. Arguments are float32 or bfloat16, never of 8 bits.

// winograd/winograd.cpp: 3 x 3 convolutions; for processors with AVX-512, in bfloat16 with bfloat16
std::unique_ptr<Kernel> make_winograd(const ops::Convolution& op, const Spec& spec);
std::unique_ptr<Kernel> make_winograd(const ops::ConvolutionBackwardInput& op, const Spec& spec);
// ops/depthwise.cpp: 3 x 3 and 5 x 5, channels in sixteens; for processors with AVX-512 and bfloat16
std::unique_ptr<Kernel> make_depthwise(const ops::Convolution& op, const Spec& spec);
std::unique_ptr<Kernel> make_depthwise(const ops::ConvolutionBackwardInput& op, const Spec& spec);

}  // namespace graft::kernels::native_detail
