// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include "kernels/reference/functions.hpp"

namespace graft::kernels::formulas {

Function function_of(const ops::FoldBatchNormalization& op, const Spec& spec) {
  const std::size_t count = elements(spec.inputs[0].shape);
  const std::size_t features = elements(spec.inputs[2].shape);
  return [=, epsilon = static_cast<double>(op.epsilon)](const RunContext&, Inputs inputs, Outputs outputs) {
    const float* bias = in(inputs, 1);
    std::vector<double> scale(features);
    for (std::size_t f = 0; f < features; ++f) {
      scale[f] = in(inputs, 2)[f] / std::sqrt(in(inputs, 5)[f] + epsilon);
      const double before = bias != nullptr ? static_cast<double>(bias[f]) : 0.0;
      out(outputs, 1)[f] = static_cast<float>(in(inputs, 3)[f] + (before - in(inputs, 4)[f]) * scale[f]);
    }
    for (std::size_t i = 0; i < count; ++i)
      out(outputs, 0)[i] = static_cast<float>(in(inputs, 0)[i] * scale[i % features]);
  };
}

Function function_of(const ops::FoldBatchNormalizationBackward& op, const Spec& spec) {
  const std::size_t count = elements(spec.inputs[0].shape);
  const std::size_t features = elements(spec.inputs[2].shape);
  return [=, epsilon = static_cast<double>(op.epsilon)](const RunContext&, Inputs inputs, Outputs outputs) {
    const float* kernel = in(inputs, 0);
    const float* bias = in(inputs, 1);
    const float* dkernel = in(inputs, 5);
    const float* dbias = in(inputs, 6);
    for (std::size_t f = 0; f < features; ++f) {
      const double inverse = 1 / std::sqrt(in(inputs, 4)[f] + epsilon);
      const double scale = in(inputs, 2)[f] * inverse;
      double products = 0;
      for (std::size_t i = f; i < count; i += features) {
        products += static_cast<double>(kernel[i]) * static_cast<double>(dkernel[i]);
        if (out(outputs, 0) != nullptr) out(outputs, 0)[i] = static_cast<float>(scale * dkernel[i]);
      }
      const double before = bias != nullptr ? static_cast<double>(bias[f]) : 0.0;
      if (out(outputs, 1) != nullptr) out(outputs, 1)[f] = static_cast<float>(scale * dbias[f]);
      if (out(outputs, 2) != nullptr) {
        out(outputs, 2)[f] =
            static_cast<float>((products + (before - in(inputs, 3)[f]) * dbias[f]) * inverse);
      }
      if (out(outputs, 3) != nullptr) out(outputs, 3)[f] = dbias[f];
    }
  };
}

Function function_of(const ops::BatchNormalizationScaleShift& op, const Spec& spec) {
  const std::size_t c = elements(spec.inputs[0].shape);
  return [c, epsilon = static_cast<double>(op.epsilon)](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < c; ++i) {
      const double scale = in(inputs, 0)[i] / std::sqrt(in(inputs, 3)[i] + epsilon);
      out(outputs, 0)[i] = static_cast<float>(scale);
      out(outputs, 1)[i] = static_cast<float>(in(inputs, 1)[i] - in(inputs, 2)[i] * scale);
    }
  };
}

Function function_of(const ops::BatchNormalizationScaleShiftBackward& op, const Spec& spec) {
  const std::size_t c = elements(spec.inputs[0].shape);
  return [c, epsilon = static_cast<double>(op.epsilon)](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < c; ++i) {
      const double mean = in(inputs, 0)[i];
      const double gamma =
          (in(inputs, 2)[i] - mean * in(inputs, 3)[i]) / std::sqrt(in(inputs, 1)[i] + epsilon);
      if (out(outputs, 0) != nullptr) out(outputs, 0)[i] = static_cast<float>(gamma);
      if (out(outputs, 1) != nullptr) out(outputs, 1)[i] = in(inputs, 3)[i];
    }
  };
}

}  // namespace graft::kernels::formulas
