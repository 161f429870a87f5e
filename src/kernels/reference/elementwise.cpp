// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "kernels/broadcast.hpp"
#include "kernels/random_draws.hpp"
#include "kernels/reference/functions.hpp"

namespace graft::kernels::reference_detail {

Function function_of(const ops::ActivationForward& op, const Spec& spec) {
  using In = ops::ActivationForward::In;
  using Out = ops::ActivationForward::Out;
  const std::size_t count = elements(spec.out(Out::y).shape);
  return [count, activation = op.activation](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < count; ++i)
      out(outputs, Out::y)[i] = ops::activate(activation, in(inputs, In::x)[i]);
  };
}

Function function_of(const ops::ActivationBackward& op, const Spec& spec) {
  using In = ops::ActivationBackward::In;
  using Out = ops::ActivationBackward::Out;
  const std::size_t count = elements(spec.out(Out::dx).shape);
  return [count, activation = op.activation](const RunContext&, Inputs inputs, Outputs outputs) {
    const bool from_output = ops::derivative_from_output(activation);
    for (std::size_t i = 0; i < count; ++i) {
      const float slope = from_output
                              ? ops::activation_derivative_of_output(activation, in(inputs, In::source)[i])
                              : ops::activation_derivative(activation, in(inputs, In::source)[i]);
      out(outputs, Out::dx)[i] = in(inputs, In::dy)[i] * slope;
    }
  };
}

Function function_of(const ops::Softmax&, const Spec& spec) {
  using In = ops::Softmax::In;
  using Out = ops::Softmax::Out;
  const std::size_t rows_count = rows(spec.out(Out::y).shape);
  const std::size_t c = channels(spec.out(Out::y).shape);
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t r = 0; r < rows_count; ++r) {
      const float* x = in(inputs, In::x) + r * c;
      const double largest = *std::max_element(x, x + c);
      double sum = 0;
      for (std::size_t i = 0; i < c; ++i) sum += std::exp(x[i] - largest);
      for (std::size_t i = 0; i < c; ++i) {
        out(outputs, Out::y)[r * c + i] = static_cast<float>(std::exp(x[i] - largest) / sum);
      }
    }
  };
}

Function function_of(const ops::SoftmaxBackward&, const Spec& spec) {
  using In = ops::SoftmaxBackward::In;
  using Out = ops::SoftmaxBackward::Out;
  const std::size_t rows_count = rows(spec.out(Out::dx).shape);
  const std::size_t c = channels(spec.out(Out::dx).shape);
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t r = 0; r < rows_count; ++r) {
      const float* y = in(inputs, In::y) + r * c;
      const float* dy = in(inputs, In::dy) + r * c;
      double sum = 0;
      for (std::size_t i = 0; i < c; ++i) sum += static_cast<double>(y[i]) * static_cast<double>(dy[i]);
      for (std::size_t i = 0; i < c; ++i)
        out(outputs, Out::dx)[r * c + i] = static_cast<float>(y[i] * (dy[i] - sum));
    }
  };
}

Function function_of(const ops::ScaleShift& op, const Spec& spec) {
  using In = ops::ScaleShift::In;
  using Out = ops::ScaleShift::Out;
  const std::size_t count = elements(spec.out(Out::y).shape);
  const std::size_t c = channels(spec.out(Out::y).shape);
  return [=, activation = op.activation](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < count; ++i) {
      out(outputs, Out::y)[i] = ops::activate(
          activation, in(inputs, In::x)[i] * in(inputs, In::scale)[i % c] + in(inputs, In::shift)[i % c]);
    }
  };
}

Function function_of(const ops::ScaleShiftBackward&, const Spec& spec) {
  using In = ops::ScaleShiftBackward::In;
  using Out = ops::ScaleShiftBackward::Out;
  const std::size_t rows_count = rows(spec.in(In::x).shape);
  const std::size_t c = channels(spec.in(In::x).shape);
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t channel = 0; channel < c; ++channel) {
      double scale = 0;
      double shift = 0;
      for (std::size_t r = 0; r < rows_count; ++r) {
        const std::size_t i = r * c + channel;
        scale += static_cast<double>(in(inputs, In::x)[i]) * static_cast<double>(in(inputs, In::dy)[i]);
        shift += in(inputs, In::dy)[i];
        if (out(outputs, Out::dx) != nullptr)
          out(outputs, Out::dx)[i] = in(inputs, In::dy)[i] * in(inputs, In::scale)[channel];
      }
      if (out(outputs, Out::dscale) != nullptr)
        out(outputs, Out::dscale)[channel] = static_cast<float>(scale);
      if (out(outputs, Out::dshift) != nullptr)
        out(outputs, Out::dshift)[channel] = static_cast<float>(shift);
    }
  };
}

Function function_of(const ops::Dropout& op, const Spec& spec) {
  using In = ops::Dropout::In;
  using Out = ops::Dropout::Out;
  const Shape shape = spec.out(Out::y).shape;
  return
      [shape, drawn = drawn_shape(op, shape), op](const RunContext& context, Inputs inputs, Outputs outputs) {
        const DropoutMask mask(op, context);
        for (std::size_t i = 0; i < elements(shape); ++i) {
          const bool keep = mask.keeps(static_cast<std::uint32_t>(broadcast_index(shape, drawn, i)));
          out(outputs, Out::y)[i] = keep ? in(inputs, In::x)[i] * dropout_scale(op) : 0.0F;
        }
      };
}

Function function_of(const ops::GaussianNoise& op, const Spec& spec) {
  using In = ops::GaussianNoise::In;
  using Out = ops::GaussianNoise::Out;
  const std::size_t count = elements(spec.out(Out::y).shape);
  return [count, op](const RunContext& context, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < count; ++i)
      out(outputs, Out::y)[i] = in(inputs, In::x)[i] + op.deviation * draw_normal(op, context, i);
  };
}

}  // namespace graft::kernels::reference_detail
