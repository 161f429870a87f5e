// SPDX-License-Identifier: Apache-2.0
// One row per op: the only place where it is written what an op is. docs/adding_an_op.md explains each field.
// The rows for the ops of normalization_ops.hpp and image_ops.hpp are in two files beside this one.
#pragma once

#include <variant>
#include <vector>

#include "graft/ops/image_rows.hpp"
#include "graft/ops/normalization_rows.hpp"
#include "graft/ops/op_row.hpp"

namespace graft::ops {
namespace rows {

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

[[nodiscard]] inline std::string_view binary_name(const Params& params) {
  switch (std::get<Binary>(params).kind) {
    case BinaryKind::add:
      return "Add";
    case BinaryKind::subtract:
      return "Subtract";
    case BinaryKind::multiply:
      return "Multiply";
    case BinaryKind::divide:
      return "Divide";
    case BinaryKind::maximum:
      return "Maximum";
    case BinaryKind::minimum:
      return "Minimum";
    case BinaryKind::prelu:
      return "PReLU";
  }
  return "Binary";
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
/// A product of each row of y with as many numbers as a and b share.
[[nodiscard]] inline double matmul_operations(const Op& op, const Graph& graph) {
  const Shape& a = graph.shape(op.in(MatMul::In::a));
  const std::int64_t shared = a[std::get<MatMul>(op.params).transpose_a ? -2 : -1];
  return 2.0 * static_cast<double>(graph.shape(op.out(MatMul::Out::y)).count()) * static_cast<double>(shared);
}
constexpr OpInfo row(Of<MatMul>) {
  using enum MatMul::In;
  using enum MatMul::Out;
  return {"MatMul",
          {{a, "a"}, {b, "b"}},
          {{y, "y"}},
          {Samples::chunks, Data::computed, Bfloat16::exact, EightBits::exact, Gradient::rule},
          {.operations = &matmul_operations}};
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
           {.carries = Carries::fusable}},
          {.name_of = &binary_name}};
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

}  // namespace rows

/// The row of an op, at compile time.
template <typename Op>
inline constexpr OpInfo kRow = row(rows::Of<Op>{});

}  // namespace graft::ops
