// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "kernels/broadcast.hpp"
#include "kernels/random_draws.hpp"
#include "kernels/reference/functions.hpp"

namespace graft::kernels::formulas {

Function function_of(const ops::ActivationForward& op, const Spec& spec) {
  const std::size_t count = elements(spec.outputs[0].shape);
  return [count, activation = op.activation](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < count; ++i) out(outputs, 0)[i] = ops::activate(activation, in(inputs, 0)[i]);
  };
}

Function function_of(const ops::ActivationBackward& op, const Spec& spec) {
  const std::size_t count = elements(spec.outputs[0].shape);
  return [count, activation = op.activation](const RunContext&, Inputs inputs, Outputs outputs) {
    const bool from_output = ops::derivative_from_output(activation);
    for (std::size_t i = 0; i < count; ++i) {
      const float slope = from_output ? ops::activation_derivative_of_output(activation, in(inputs, 0)[i])
                                      : ops::activation_derivative(activation, in(inputs, 0)[i]);
      out(outputs, 0)[i] = in(inputs, 1)[i] * slope;
    }
  };
}

Function function_of(const ops::Softmax&, const Spec& spec) {
  const std::size_t rows_count = rows(spec.outputs[0].shape);
  const std::size_t c = channels(spec.outputs[0].shape);
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t r = 0; r < rows_count; ++r) {
      const float* x = in(inputs, 0) + r * c;
      const double largest = *std::max_element(x, x + c);
      double sum = 0;
      for (std::size_t i = 0; i < c; ++i) sum += std::exp(x[i] - largest);
      for (std::size_t i = 0; i < c; ++i) {
        out(outputs, 0)[r * c + i] = static_cast<float>(std::exp(x[i] - largest) / sum);
      }
    }
  };
}

Function function_of(const ops::SoftmaxBackward&, const Spec& spec) {
  const std::size_t rows_count = rows(spec.outputs[0].shape);
  const std::size_t c = channels(spec.outputs[0].shape);
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t r = 0; r < rows_count; ++r) {
      const float* y = in(inputs, 0) + r * c;
      const float* dy = in(inputs, 1) + r * c;
      double sum = 0;
      for (std::size_t i = 0; i < c; ++i) sum += static_cast<double>(y[i]) * static_cast<double>(dy[i]);
      for (std::size_t i = 0; i < c; ++i)
        out(outputs, 0)[r * c + i] = static_cast<float>(y[i] * (dy[i] - sum));
    }
  };
}

Function function_of(const ops::ScaleShift& op, const Spec& spec) {
  const std::size_t count = elements(spec.outputs[0].shape);
  const std::size_t c = channels(spec.outputs[0].shape);
  return [=, activation = op.activation](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < count; ++i) {
      out(outputs, 0)[i] =
          ops::activate(activation, in(inputs, 0)[i] * in(inputs, 1)[i % c] + in(inputs, 2)[i % c]);
    }
  };
}

Function function_of(const ops::ScaleShiftBackward&, const Spec& spec) {
  const std::size_t rows_count = rows(spec.inputs[0].shape);
  const std::size_t c = channels(spec.inputs[0].shape);
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t channel = 0; channel < c; ++channel) {
      double scale = 0;
      double shift = 0;
      for (std::size_t r = 0; r < rows_count; ++r) {
        const std::size_t i = r * c + channel;
        scale += static_cast<double>(in(inputs, 0)[i]) * static_cast<double>(in(inputs, 2)[i]);
        shift += in(inputs, 2)[i];
        if (out(outputs, 0) != nullptr) out(outputs, 0)[i] = in(inputs, 2)[i] * in(inputs, 1)[channel];
      }
      if (out(outputs, 1) != nullptr) out(outputs, 1)[channel] = static_cast<float>(scale);
      if (out(outputs, 2) != nullptr) out(outputs, 2)[channel] = static_cast<float>(shift);
    }
  };
}

Function function_of(const ops::Add& op, const Spec& spec) {
  const std::size_t count = elements(spec.outputs[0].shape);
  return [count, activation = op.activation](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < count; ++i) {
      out(outputs, 0)[i] = ops::activate(activation, in(inputs, 0)[i] + in(inputs, 1)[i]);
    }
  };
}

Function function_of(const ops::Dropout& op, const Spec& spec) {
  const Shape shape = spec.outputs[0].shape;
  return
      [shape, drawn = drawn_shape(op, shape), op](const RunContext& context, Inputs inputs, Outputs outputs) {
        const DropoutMask mask(op, context);
        for (std::size_t i = 0; i < elements(shape); ++i) {
          const bool keep = mask.keeps(static_cast<std::uint32_t>(broadcast_index(shape, drawn, i)));
          out(outputs, 0)[i] = keep ? in(inputs, 0)[i] * dropout_scale(op) : 0.0F;
        }
      };
}

Function function_of(const ops::GaussianNoise& op, const Spec& spec) {
  const std::size_t count = elements(spec.outputs[0].shape);
  return [count, op](const RunContext& context, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < count; ++i)
      out(outputs, 0)[i] = in(inputs, 0)[i] + op.deviation * draw_normal(op, context, i);
  };
}

}  // namespace graft::kernels::formulas
