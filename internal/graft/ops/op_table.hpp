// SPDX-License-Identifier: Apache-2.0
// One row per op: the only place where it is written what an op is. docs/adding_an_op.md explains each field.
#pragma once

#include <variant>
#include <vector>

#include "graft/ops/op_info.hpp"

namespace graft::ops {

/// The rows, found by argument-dependent look-up: row(Of<Convolution>{}). There is none for ops in general,
/// so that a type in Params without a row does not compile.
namespace rows {

/// Names the op that a row is of.
template <typename Op>
struct Of {};

inline constexpr ArgumentTrait kOptional = ArgumentTrait::optional;
inline constexpr ArgumentTrait kInPlace = ArgumentTrait::in_place;
inline constexpr ArgumentTrait kInPlace8Bit = ArgumentTrait::in_place_8bit;
inline constexpr ArgumentTrait kLowPrecision = ArgumentTrait::low_precision;
inline constexpr ArgumentTrait kSumOverBatch = ArgumentTrait::sum_over_batch;

/// Each element of y is a sum over one filter of the kernel: window and input channels.
[[nodiscard]] inline double product(const Shape& y, const Shape& kernel) {
  const std::int64_t filters = y[-1];
  if (filters == 0) return 0;
  return 2.0 * static_cast<double>(y.count()) * static_cast<double>(kernel.count()) /
         static_cast<double>(filters);
}
template <typename T>
[[nodiscard]] double product_forward(const Op& op, const Graph& graph) {
  return product(graph.shape(op.out(T::Out::y)), graph.shape(op.in(T::In::kernel)));
}
template <typename T>
[[nodiscard]] double product_backward_input(const Op& op, const Graph& graph) {
  return product(graph.shape(op.in(T::In::dy)), graph.shape(op.in(T::In::kernel)));
}
template <typename T>
[[nodiscard]] double product_backward_kernel(const Op& op, const Graph& graph) {
  return product(graph.shape(op.in(T::In::dy)), graph.shape(op.out(T::Out::dkernel)));
}
/// Samples depend on each other along the batch axis only.
template <typename T>
[[nodiscard]] OpTraits along_an_axis(const Params& params, OpTraits traits) {
  if (std::get<T>(params).axis == 0) traits.samples = Samples::together;
  return traits;
}

constexpr OpInfo row(Of<Convolution>) {
  using enum Convolution::In;
  using enum Convolution::Out;
  return {"Convolution",
          {{x, "x", kLowPrecision},
           {kernel, "kernel"},
           {bias, "bias", kOptional},
           {residual, "residual", kOptional | kLowPrecision | kInPlace8Bit}},
          {{y, "y"}},
          {Samples::chunks,
           Data::computed,
           Bfloat16::product,
           EightBits::product,
           Gradient::rule,
           {.carries = Carries::fusable}},
          {.operations = &product_forward<Convolution>}};
}
constexpr OpInfo row(Of<ConvolutionBackwardInput>) {
  using enum ConvolutionBackwardInput::In;
  using enum ConvolutionBackwardInput::Out;
  return {"ConvolutionBackwardInput",
          {{dy, "dy", kLowPrecision}, {kernel, "kernel"}},
          {{dx, "dx"}},
          {Samples::chunks, Data::computed, Bfloat16::product, EightBits::exact, Gradient::rule},
          {.operations = &product_backward_input<ConvolutionBackwardInput>}};
}
constexpr OpInfo row(Of<ConvolutionBackwardKernel>) {
  using enum ConvolutionBackwardKernel::In;
  using enum ConvolutionBackwardKernel::Out;
  return {"ConvolutionBackwardKernel",
          {{x, "x", kLowPrecision}, {dy, "dy", kLowPrecision}},
          {{dkernel, "dkernel", kSumOverBatch}, {dbias, "dbias", kOptional | kSumOverBatch}},
          {Samples::chunks, Data::computed, Bfloat16::product, EightBits::exact, Gradient::none},
          {.operations = &product_backward_kernel<ConvolutionBackwardKernel>}};
}
// Its weights are most of what it reads: they would be read again for each chunk.
constexpr OpInfo row(Of<Dense>) {
  using enum Dense::In;
  using enum Dense::Out;
  return {"Dense",
          {{x, "x", kLowPrecision}, {kernel, "kernel"}, {bias, "bias", kOptional}},
          {{y, "y"}},
          {Samples::alone,
           Data::computed,
           Bfloat16::product_in_inference,
           EightBits::product,
           Gradient::rule,
           {.carries = Carries::fusable}},
          {.operations = &product_forward<Dense>}};
}
constexpr OpInfo row(Of<DenseBackwardInput>) {
  using enum DenseBackwardInput::In;
  using enum DenseBackwardInput::Out;
  return {"DenseBackwardInput",
          {{dy, "dy"}, {kernel, "kernel"}},
          {{dx, "dx"}},
          {Samples::alone, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::none},
          {.operations = &product_backward_input<DenseBackwardInput>}};
}
constexpr OpInfo row(Of<DenseBackwardKernel>) {
  using enum DenseBackwardKernel::In;
  using enum DenseBackwardKernel::Out;
  return {"DenseBackwardKernel",
          {{x, "x"}, {dy, "dy"}},
          {{dkernel, "dkernel", kSumOverBatch}, {dbias, "dbias", kOptional | kSumOverBatch}},
          {Samples::alone, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::none},
          {.operations = &product_backward_kernel<DenseBackwardKernel>}};
}
constexpr OpInfo row(Of<ActivationForward>) {
  return {"ActivationForward",
          {{UnaryIn::x, "x", kInPlace}},
          {{UnaryOut::y, "y"}},
          {Samples::chunks,
           Data::computed,
           Bfloat16::passed_on,
           EightBits::passed_on,
           Gradient::rule,
           {.ends_model = true}}};
}
constexpr OpInfo row(Of<ActivationBackward>) {
  using enum ActivationBackward::In;
  using enum ActivationBackward::Out;
  return {"ActivationBackward",
          {{source, "source", kInPlace}, {dy, "dy", kInPlace}},
          {{dx, "dx"}},
          {Samples::chunks, Data::computed, Bfloat16::passed_on, EightBits::exact, Gradient::none}};
}
constexpr OpInfo row(Of<Softmax>) {
  return {"Softmax",
          {{UnaryIn::x, "x", kInPlace}},
          {{UnaryOut::y, "y"}},
          {Samples::alone,
           Data::computed,
           Bfloat16::exact,
           EightBits::exact,
           Gradient::rule,
           {.ends_model = true}}};
}
constexpr OpInfo row(Of<SoftmaxBackward>) {
  using enum SoftmaxBackward::In;
  using enum SoftmaxBackward::Out;
  return {"SoftmaxBackward",
          {{y, "y"}, {dy, "dy"}},
          {{dx, "dx"}},
          {Samples::alone, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::none}};
}
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
constexpr OpInfo row(Of<Pool>) {
  return {"Pool",
          {{UnaryIn::x, "x"}},
          {{UnaryOut::y, "y"}},
          {Samples::chunks, Data::computed, Bfloat16::passed_on, EightBits::passed_on, Gradient::rule},
          {.traits_of = [](const Params& params, OpTraits traits) {
            if (std::get<Pool>(params).kind == PoolKind::max) traits.data = Data::selected;
            return traits;
          }}};
}
constexpr OpInfo row(Of<PoolBackward>) {
  using enum PoolBackward::In;
  using enum PoolBackward::Out;
  return {"PoolBackward",
          {{x, "x", kOptional}, {y, "y", kOptional}, {dy, "dy"}},
          {{dx, "dx"}},
          {Samples::chunks, Data::computed, Bfloat16::passed_on, EightBits::exact, Gradient::none}};
}
constexpr OpInfo row(Of<GlobalPool>) {
  return {"GlobalPool",
          {{UnaryIn::x, "x"}},
          {{UnaryOut::y, "y"}},
          {Samples::chunks, Data::computed, Bfloat16::passed_on, EightBits::passed_on, Gradient::rule}};
}
constexpr OpInfo row(Of<GlobalPoolBackward>) {
  using enum GlobalPoolBackward::In;
  using enum GlobalPoolBackward::Out;
  return {"GlobalPoolBackward",
          {{x, "x", kOptional}, {y, "y", kOptional}, {dy, "dy"}},
          {{dx, "dx"}},
          {Samples::chunks, Data::computed, Bfloat16::passed_on, EightBits::exact, Gradient::none}};
}
constexpr OpInfo row(Of<Pad>) {
  return {"Pad",
          {{UnaryIn::x, "x"}},
          {{UnaryOut::y, "y"}},
          {Samples::chunks, Data::moved, Bfloat16::passed_on, EightBits::passed_on, Gradient::rule}};
}
constexpr OpInfo row(Of<Crop>) {
  return {"Crop",
          {{UnaryIn::x, "x"}},
          {{UnaryOut::y, "y"}},
          {Samples::chunks, Data::moved, Bfloat16::passed_on, EightBits::passed_on, Gradient::rule}};
}
constexpr OpInfo row(Of<Add>) {
  using enum Add::In;
  using enum Add::Out;
  return {"Add",
          {{a, "a", kInPlace}, {b, "b", kInPlace}},
          {{y, "y"}},
          {Samples::chunks,
           Data::computed,
           Bfloat16::passed_on,
           EightBits::passed_on,
           Gradient::rule,
           {.carries = Carries::fusable}}};
}
constexpr OpInfo row(Of<Binary>) {
  using enum Binary::In;
  using enum Binary::Out;
  return {"Binary",
          {{a, "a", kInPlace}, {b, "b", kInPlace}},
          {{y, "y"}},
          {Samples::chunks,
           Data::computed,
           Bfloat16::passed_on,
           EightBits::passed_on,
           Gradient::rule,
           {.carries = Carries::fusable}}};
}
// dside is a sum over the batch where that side was broadcast along it; such a side has no samples.
constexpr OpInfo row(Of<BinaryBackward>) {
  using enum BinaryBackward::In;
  using enum BinaryBackward::Out;
  return {"BinaryBackward",
          {{a, "a", kOptional}, {b, "b", kOptional}, {dy, "dy"}},
          {{dside, "dside"}},
          {Samples::alone, Data::computed, Bfloat16::passed_on, EightBits::exact, Gradient::none}};
}
constexpr OpInfo row(Of<Permute>) {
  return {"Permute",
          {{UnaryIn::x, "x"}},
          {{UnaryOut::y, "y"}},
          {Samples::alone, Data::selected, Bfloat16::exact, EightBits::exact, Gradient::rule},
          {.traits_of = [](const Params& params, OpTraits traits) {
            const std::vector<int>& axes = std::get<Permute>(params).axes;
            if (axes.empty() || axes.front() != 0) traits.samples = Samples::together;
            return traits;
          }}};
}
constexpr OpInfo row(Of<Concatenate>) {
  return {"Concatenate",
          Arguments::any_number({UnaryIn::x, "x"}),
          {{UnaryOut::y, "y"}},
          {Samples::chunks, Data::moved, Bfloat16::passed_on, EightBits::passed_on, Gradient::rule},
          {.traits_of = &along_an_axis<Concatenate>}};
}
constexpr OpInfo row(Of<Slice>) {
  return {"Slice",
          {{UnaryIn::x, "x"}},
          {{UnaryOut::y, "y"}},
          {Samples::chunks, Data::moved, Bfloat16::passed_on, EightBits::passed_on, Gradient::rule},
          {.traits_of = &along_an_axis<Slice>}};
}
constexpr OpInfo row(Of<Reshape>) {
  return {"Reshape",
          {{UnaryIn::x, "x"}},
          {{UnaryOut::y, "y"}},
          {Samples::chunks,
           Data::viewed,
           Bfloat16::passed_on,
           EightBits::passed_on,
           Gradient::rule,
           {.ends_model = true}}};
}
constexpr OpInfo row(Of<Cast>) {
  return {"Cast",
          {{UnaryIn::x, "x"}},
          {{UnaryOut::y, "y"}},
          {Samples::chunks, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::none}};
}
constexpr OpInfo row(Of<Dropout>) {
  return {"Dropout",
          {{UnaryIn::x, "x", kInPlace}},
          {{UnaryOut::y, "y"}},
          {Samples::alone,
           Data::computed,
           Bfloat16::passed_on,
           EightBits::exact,
           Gradient::rule,
           {.random = true}}};
}
constexpr OpInfo row(Of<GaussianNoise>) {
  return {
      "GaussianNoise",
      {{UnaryIn::x, "x", kInPlace}},
      {{UnaryOut::y, "y"}},
      {Samples::alone, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::rule, {.random = true}}};
}
constexpr OpInfo row(Of<Resize>) {
  return {"Resize",
          {{UnaryIn::x, "x"}},
          {{UnaryOut::y, "y"}},
          {Samples::chunks, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::rule}};
}
constexpr OpInfo row(Of<ResizeBackward>) {
  using enum ResizeBackward::In;
  using enum ResizeBackward::Out;
  return {"ResizeBackward",
          {{dy, "dy"}},
          {{dx, "dx"}},
          {Samples::chunks, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::none}};
}
constexpr OpInfo row(Of<RandomTransform>) {
  using enum RandomTransform::In;
  using enum RandomTransform::Out;
  return {"RandomTransform",
          {{x, "x"}, {scale, "scale", kOptional}, {shift, "shift", kOptional}},
          {{y, "y"}},
          {Samples::chunks,
           Data::computed,
           Bfloat16::exact,
           EightBits::exact,
           Gradient::none,
           {.random = true, .rounds_result = true}}};
}
constexpr OpInfo row(Of<RandomCrop>) {
  return {
      "RandomCrop",
      {{UnaryIn::x, "x"}},
      {{UnaryOut::y, "y"}},
      {Samples::alone, Data::selected, Bfloat16::exact, EightBits::exact, Gradient::none, {.random = true}}};
}
constexpr OpInfo row(Of<RandomContrast>) {
  return {
      "RandomContrast",
      {{UnaryIn::x, "x", kInPlace}},
      {{UnaryOut::y, "y"}},
      {Samples::alone, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::none, {.random = true}}};
}
constexpr OpInfo row(Of<RandomBrightness>) {
  return {
      "RandomBrightness",
      {{UnaryIn::x, "x", kInPlace}},
      {{UnaryOut::y, "y"}},
      {Samples::chunks, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::none, {.random = true}}};
}

}  // namespace rows

/// The row of an op, at compile time.
template <typename Op>
inline constexpr OpInfo kRow = row(rows::Of<Op>{});

}  // namespace graft::ops
