// SPDX-License-Identifier: Apache-2.0
#include "kernels/reference/functions.hpp"

namespace graft::kernels::reference_detail {
namespace {

/// x (rows, in), kernel (in, out), y (rows, out).
struct Sizes {
  std::size_t rows, in, out;
};

Sizes sizes_of(const Shape& x, const Shape& y) { return {kernels::rows(x), channels(x), channels(y)}; }

double product(float a, float b) { return static_cast<double>(a) * static_cast<double>(b); }

}  // namespace

Function function_of(const ops::Dense& op, const Spec& spec) {
  using In = ops::Dense::In;
  using Out = ops::Dense::Out;
  const Sizes s = sizes_of(spec.in(In::x).shape, spec.out(Out::y).shape);
  return [s, activation = op.activation](const RunContext&, Inputs inputs, Outputs outputs) {
    const float* bias = in(inputs, In::bias);
    for (std::size_t r = 0; r < s.rows; ++r) {
      for (std::size_t o = 0; o < s.out; ++o) {
        double sum = bias != nullptr ? static_cast<double>(bias[o]) : 0.0;
        for (std::size_t i = 0; i < s.in; ++i)
          sum += product(in(inputs, In::x)[r * s.in + i], in(inputs, In::kernel)[i * s.out + o]);
        out(outputs, Out::y)[r * s.out + o] = ops::activate(activation, static_cast<float>(sum));
      }
    }
  };
}

Function function_of(const ops::DenseBackwardInput&, const Spec& spec) {
  using In = ops::DenseBackwardInput::In;
  using Out = ops::DenseBackwardInput::Out;
  const Sizes s = sizes_of(spec.out(Out::dx).shape, spec.in(In::dy).shape);
  return [s](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t r = 0; r < s.rows; ++r) {
      for (std::size_t i = 0; i < s.in; ++i) {
        double sum = 0;
        for (std::size_t o = 0; o < s.out; ++o)
          sum += product(in(inputs, In::dy)[r * s.out + o], in(inputs, In::kernel)[i * s.out + o]);
        out(outputs, Out::dx)[r * s.in + i] = static_cast<float>(sum);
      }
    }
  };
}

Function function_of(const ops::DenseBackwardKernel&, const Spec& spec) {
  using In = ops::DenseBackwardKernel::In;
  using Out = ops::DenseBackwardKernel::Out;
  const Sizes s = sizes_of(spec.in(In::x).shape, spec.in(In::dy).shape);
  return [s](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < s.in; ++i) {
      for (std::size_t o = 0; o < s.out; ++o) {
        double sum = 0;
        for (std::size_t r = 0; r < s.rows; ++r)
          sum += product(in(inputs, In::x)[r * s.in + i], in(inputs, In::dy)[r * s.out + o]);
        out(outputs, Out::dkernel)[i * s.out + o] = static_cast<float>(sum);
      }
    }
    float* bias = out(outputs, Out::dbias);
    for (std::size_t o = 0; bias != nullptr && o < s.out; ++o) {
      double sum = 0;
      for (std::size_t r = 0; r < s.rows; ++r) sum += in(inputs, In::dy)[r * s.out + o];
      bias[o] = static_cast<float>(sum);
    }
  };
}

Function function_of(const ops::MatMul& op, const Spec& spec) {
  using In = ops::MatMul::In;
  using Out = ops::MatMul::Out;
  const Shape& a_shape = spec.in(In::a).shape;
  const Shape& y_shape = spec.out(Out::y).shape;
  const auto row_count = static_cast<std::size_t>(y_shape[-2]);
  const auto column_count = static_cast<std::size_t>(y_shape[-1]);
  const auto shared = static_cast<std::size_t>(a_shape[op.transpose_a ? -2 : -1]);
  const std::size_t matrices =
      row_count * column_count == 0 ? 0 : elements(y_shape) / (row_count * column_count);
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t m = 0; m < matrices; ++m) {
      const float* a = in(inputs, In::a) + m * row_count * shared;
      const float* b = in(inputs, In::b) + m * shared * column_count;
      float* y = out(outputs, Out::y) + m * row_count * column_count;
      for (std::size_t r = 0; r < row_count; ++r) {
        for (std::size_t c = 0; c < column_count; ++c) {
          double sum = 0;
          for (std::size_t k = 0; k < shared; ++k) {
            sum += product(a[op.transpose_a ? k * row_count + r : r * shared + k],
                           b[op.transpose_b ? c * shared + k : k * column_count + c]);
          }
          y[r * column_count + c] = static_cast<float>(sum);
        }
      }
    }
  };
}

}  // namespace graft::kernels::reference_detail
