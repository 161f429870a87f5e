// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/reference/functions.hpp"

namespace graft::kernels::reference_detail {

Function function_of(const ops::BatchNormalizationTraining& op, const Spec& spec) {
  using In = ops::BatchNormalizationTraining::In;
  using Out = ops::BatchNormalizationTraining::Out;
  const std::size_t rows_count = rows(spec.in(In::x).shape);
  const std::size_t c = channels(spec.in(In::x).shape);
  return [=, epsilon = static_cast<double>(op.epsilon)](const RunContext&, Inputs inputs, Outputs outputs) {
    const auto count = static_cast<double>(rows_count);
    for (std::size_t channel = 0; channel < c; ++channel) {
      const float* x = in(inputs, In::x) + channel;
      double mean = 0;
      for (std::size_t r = 0; r < rows_count; ++r) mean += x[r * c] / count;
      double variance = 0;
      for (std::size_t r = 0; r < rows_count; ++r) variance += (x[r * c] - mean) * (x[r * c] - mean) / count;
      const double scale = in(inputs, In::gamma)[channel] / std::sqrt(variance + epsilon);
      for (std::size_t r = 0; r < rows_count; ++r) {
        const auto z = static_cast<float>((x[r * c] - mean) * scale + in(inputs, In::beta)[channel]);
        out(outputs, Out::y)[r * c + channel] = ops::activate(op.activation, z);
      }
      out(outputs, Out::mean)[channel] = static_cast<float>(mean);
      out(outputs, Out::variance)[channel] = static_cast<float>(variance);
    }
  };
}

// With x^ = (x - mean) / sqrt(variance + epsilon) and dz = dy f'(gamma x^ + beta): dbeta = sum dz,
// dgamma = sum dz x^, dx = gamma / sqrt(variance + epsilon) (dz - dbeta / count - x^ dgamma / count).
Function function_of(const ops::BatchNormalizationTrainingBackward& op, const Spec& spec) {
  using In = ops::BatchNormalizationTrainingBackward::In;
  using Out = ops::BatchNormalizationTrainingBackward::Out;
  const std::size_t rows_count = rows(spec.in(In::x).shape);
  const std::size_t c = channels(spec.in(In::x).shape);
  return [=, epsilon = static_cast<double>(op.epsilon)](const RunContext&, Inputs inputs, Outputs outputs) {
    const auto count = static_cast<double>(rows_count);
    for (std::size_t channel = 0; channel < c; ++channel) {
      const float* x = in(inputs, In::x) + channel;
      const float* dy = in(inputs, In::dy) + channel;
      const double mean = in(inputs, In::mean)[channel];
      const double inverse = 1 / std::sqrt(in(inputs, In::variance)[channel] + epsilon);
      const double shift = in(inputs, In::beta) != nullptr ? in(inputs, In::beta)[channel] : 0;
      const auto dz = [&](std::size_t r) {
        const auto z =
            static_cast<float>(in(inputs, In::gamma)[channel] * inverse * (x[r * c] - mean) + shift);
        return dy[r * c] * static_cast<double>(ops::activation_derivative(op.activation, z));
      };
      double beta = 0;
      double gamma = 0;
      for (std::size_t r = 0; r < rows_count; ++r) {
        beta += dz(r);
        gamma += dz(r) * (x[r * c] - mean) * inverse;
      }
      for (std::size_t r = 0; out(outputs, Out::dx) != nullptr && r < rows_count; ++r) {
        const double normal = (x[r * c] - mean) * inverse;
        out(outputs, Out::dx)[r * c + channel] = static_cast<float>(
            in(inputs, In::gamma)[channel] * inverse * (dz(r) - beta / count - normal * gamma / count));
      }
      if (out(outputs, Out::dgamma) != nullptr)
        out(outputs, Out::dgamma)[channel] = static_cast<float>(gamma);
      if (out(outputs, Out::dbeta) != nullptr) out(outputs, Out::dbeta)[channel] = static_cast<float>(beta);
    }
  };
}

Function function_of(const ops::UpdateMovingStatistics& op, const Spec& spec) {
  using In = ops::UpdateMovingStatistics::In;
  using Out = ops::UpdateMovingStatistics::Out;
  const std::size_t c = elements(spec.in(In::mean).shape);
  return [c, momentum = op.momentum](const RunContext&, Inputs inputs, Outputs outputs) {
    const auto update = [&](const float* value, float* moving) {
      for (std::size_t i = 0; i < c; ++i) moving[i] = moving[i] * momentum + value[i] * (1.0F - momentum);
    };
    update(in(inputs, In::mean), out(outputs, Out::moving_mean));
    update(in(inputs, In::variance), out(outputs, Out::moving_variance));
  };
}

}  // namespace graft::kernels::reference_detail
