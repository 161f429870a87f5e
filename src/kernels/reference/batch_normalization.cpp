// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/reference/functions.hpp"

namespace graft::kernels::formulas {

Function function_of(const ops::BatchNormalizationTraining& op, const Spec& spec) {
  const std::size_t rows_count = rows(spec.inputs[0].shape);
  const std::size_t c = channels(spec.inputs[0].shape);
  return [=, epsilon = static_cast<double>(op.epsilon)](const RunContext&, Inputs inputs, Outputs outputs) {
    const auto count = static_cast<double>(rows_count);
    for (std::size_t channel = 0; channel < c; ++channel) {
      const float* x = in(inputs, 0) + channel;
      double mean = 0;
      for (std::size_t r = 0; r < rows_count; ++r) mean += x[r * c] / count;
      double variance = 0;
      for (std::size_t r = 0; r < rows_count; ++r) variance += (x[r * c] - mean) * (x[r * c] - mean) / count;
      const double scale = in(inputs, 1)[channel] / std::sqrt(variance + epsilon);
      for (std::size_t r = 0; r < rows_count; ++r) {
        const auto z = static_cast<float>((x[r * c] - mean) * scale + in(inputs, 2)[channel]);
        out(outputs, 0)[r * c + channel] = ops::activate(op.activation, z);
      }
      out(outputs, 1)[channel] = static_cast<float>(mean);
      out(outputs, 2)[channel] = static_cast<float>(variance);
    }
  };
}

// With x^ = (x - mean) / sqrt(variance + epsilon) and dz = dy f'(gamma x^ + beta): dbeta = sum dz,
// dgamma = sum dz x^, dx = gamma / sqrt(variance + epsilon) (dz - dbeta / count - x^ dgamma / count).
Function function_of(const ops::BatchNormalizationTrainingBackward& op, const Spec& spec) {
  const std::size_t rows_count = rows(spec.inputs[0].shape);
  const std::size_t c = channels(spec.inputs[0].shape);
  return [=, epsilon = static_cast<double>(op.epsilon)](const RunContext&, Inputs inputs, Outputs outputs) {
    const auto count = static_cast<double>(rows_count);
    for (std::size_t channel = 0; channel < c; ++channel) {
      const float* x = in(inputs, 0) + channel;
      const float* dy = in(inputs, 4) + channel;
      const double mean = in(inputs, 2)[channel];
      const double inverse = 1 / std::sqrt(in(inputs, 3)[channel] + epsilon);
      const double shift = in(inputs, 5) != nullptr ? in(inputs, 5)[channel] : 0;
      const auto dz = [&](std::size_t r) {
        const auto z = static_cast<float>(in(inputs, 1)[channel] * inverse * (x[r * c] - mean) + shift);
        return dy[r * c] * static_cast<double>(ops::activation_derivative(op.activation, z));
      };
      double beta = 0;
      double gamma = 0;
      for (std::size_t r = 0; r < rows_count; ++r) {
        beta += dz(r);
        gamma += dz(r) * (x[r * c] - mean) * inverse;
      }
      for (std::size_t r = 0; out(outputs, 0) != nullptr && r < rows_count; ++r) {
        const double normal = (x[r * c] - mean) * inverse;
        out(outputs, 0)[r * c + channel] = static_cast<float>(
            in(inputs, 1)[channel] * inverse * (dz(r) - beta / count - normal * gamma / count));
      }
      if (out(outputs, 1) != nullptr) out(outputs, 1)[channel] = static_cast<float>(gamma);
      if (out(outputs, 2) != nullptr) out(outputs, 2)[channel] = static_cast<float>(beta);
    }
  };
}

Function function_of(const ops::UpdateMovingStatistics& op, const Spec& spec) {
  const std::size_t c = elements(spec.inputs[0].shape);
  return [c, momentum = op.momentum](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t which = 0; which < 2; ++which) {
      for (std::size_t i = 0; i < c; ++i) {
        out(outputs, which)[i] = out(outputs, which)[i] * momentum + in(inputs, which)[i] * (1.0F - momentum);
      }
    }
  };
}

}  // namespace graft::kernels::formulas
