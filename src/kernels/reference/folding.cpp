// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include "kernels/reference/functions.hpp"

namespace graft::kernels::reference_detail {

Function function_of(const ops::FoldBatchNormalization& op, const Spec& spec) {
  using In = ops::FoldBatchNormalization::In;
  using Out = ops::FoldBatchNormalization::Out;
  const std::size_t count = elements(spec.in(In::kernel).shape);
  const std::size_t features = elements(spec.in(In::gamma).shape);
  return [=, epsilon = static_cast<double>(op.epsilon)](const RunContext&, Inputs inputs, Outputs outputs) {
    const float* bias = in(inputs, In::bias);
    std::vector<double> scale(features);
    for (std::size_t f = 0; f < features; ++f) {
      scale[f] = in(inputs, In::gamma)[f] / std::sqrt(in(inputs, In::variance)[f] + epsilon);
      const double before = bias != nullptr ? static_cast<double>(bias[f]) : 0.0;
      out(outputs, Out::folded_bias)[f] =
          static_cast<float>(in(inputs, In::beta)[f] + (before - in(inputs, In::mean)[f]) * scale[f]);
    }
    for (std::size_t i = 0; i < count; ++i)
      out(outputs, Out::folded_kernel)[i] =
          static_cast<float>(in(inputs, In::kernel)[i] * scale[i % features]);
  };
}

Function function_of(const ops::FoldBatchNormalizationBackward& op, const Spec& spec) {
  using In = ops::FoldBatchNormalizationBackward::In;
  using Out = ops::FoldBatchNormalizationBackward::Out;
  const std::size_t count = elements(spec.in(In::kernel).shape);
  const std::size_t features = elements(spec.in(In::gamma).shape);
  return [=, epsilon = static_cast<double>(op.epsilon)](const RunContext&, Inputs inputs, Outputs outputs) {
    const float* kernel = in(inputs, In::kernel);
    const float* bias = in(inputs, In::bias);
    const float* dkernel = in(inputs, In::dfolded_kernel);
    const float* dbias = in(inputs, In::dfolded_bias);
    for (std::size_t f = 0; f < features; ++f) {
      const double inverse = 1 / std::sqrt(in(inputs, In::variance)[f] + epsilon);
      const double scale = in(inputs, In::gamma)[f] * inverse;
      double products = 0;
      for (std::size_t i = f; i < count; i += features) {
        products += static_cast<double>(kernel[i]) * static_cast<double>(dkernel[i]);
        if (out(outputs, Out::dkernel) != nullptr)
          out(outputs, Out::dkernel)[i] = static_cast<float>(scale * dkernel[i]);
      }
      const double before = bias != nullptr ? static_cast<double>(bias[f]) : 0.0;
      if (out(outputs, Out::dbias) != nullptr)
        out(outputs, Out::dbias)[f] = static_cast<float>(scale * dbias[f]);
      if (out(outputs, Out::dgamma) != nullptr) {
        out(outputs, Out::dgamma)[f] =
            static_cast<float>((products + (before - in(inputs, In::mean)[f]) * dbias[f]) * inverse);
      }
      if (out(outputs, Out::dbeta) != nullptr) out(outputs, Out::dbeta)[f] = dbias[f];
    }
  };
}

Function function_of(const ops::BatchNormalizationScaleShift& op, const Spec& spec) {
  using In = ops::BatchNormalizationScaleShift::In;
  using Out = ops::BatchNormalizationScaleShift::Out;
  const std::size_t c = elements(spec.in(In::gamma).shape);
  return [c, epsilon = static_cast<double>(op.epsilon)](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < c; ++i) {
      const double scale = in(inputs, In::gamma)[i] / std::sqrt(in(inputs, In::variance)[i] + epsilon);
      out(outputs, Out::scale)[i] = static_cast<float>(scale);
      out(outputs, Out::shift)[i] =
          static_cast<float>(in(inputs, In::beta)[i] - in(inputs, In::mean)[i] * scale);
    }
  };
}

Function function_of(const ops::BatchNormalizationScaleShiftBackward& op, const Spec& spec) {
  using In = ops::BatchNormalizationScaleShiftBackward::In;
  using Out = ops::BatchNormalizationScaleShiftBackward::Out;
  const std::size_t c = elements(spec.in(In::mean).shape);
  return [c, epsilon = static_cast<double>(op.epsilon)](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < c; ++i) {
      const double mean = in(inputs, In::mean)[i];
      const double gamma = (in(inputs, In::dscale)[i] - mean * in(inputs, In::dshift)[i]) /
                           std::sqrt(in(inputs, In::variance)[i] + epsilon);
      if (out(outputs, Out::dgamma) != nullptr) out(outputs, Out::dgamma)[i] = static_cast<float>(gamma);
      if (out(outputs, Out::dbeta) != nullptr) out(outputs, Out::dbeta)[i] = in(inputs, In::dshift)[i];
    }
  };
}

}  // namespace graft::kernels::reference_detail
