// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include "kernels/native/functions.hpp"
#include "kernels/vectors/loops.hpp"
#include "kernels/vectors/reduction.hpp"

namespace graft::kernels::native_detail {

Function function_of(const ops::FoldBatchNormalization& op, const Spec& spec) {
  using In = ops::FoldBatchNormalization::In;
  using Out = ops::FoldBatchNormalization::Out;
  const std::size_t features = elements(spec.in(In::gamma).shape);
  return [features, count = elements(spec.in(In::kernel).shape), epsilon = static_cast<double>(op.epsilon),
          scale = std::vector<float>(features),
          tile = vectors::Tile(features)](const RunContext&, Inputs inputs, Outputs outputs) mutable {
    const float* bias = in(inputs, In::bias);
    for (std::size_t f = 0; f < features; ++f) {
      const double s = in(inputs, In::gamma)[f] / std::sqrt(in(inputs, In::variance)[f] + epsilon);
      const double before = bias != nullptr ? static_cast<double>(bias[f]) : 0.0;
      scale[f] = static_cast<float>(s);
      out(outputs, Out::folded_bias)[f] =
          static_cast<float>(in(inputs, In::beta)[f] + (before - in(inputs, In::mean)[f]) * s);
    }
    tile.set(scale.data());
    vectors::scale_and_shift({.scale = &tile}, in(inputs, In::kernel), out(outputs, Out::folded_kernel),
                             count);
  };
}

Function function_of(const ops::FoldBatchNormalizationBackward& op, const Spec& spec) {
  using In = ops::FoldBatchNormalizationBackward::In;
  using Out = ops::FoldBatchNormalizationBackward::Out;
  const std::size_t features = elements(spec.in(In::gamma).shape);
  const std::size_t count = elements(spec.in(In::kernel).shape);
  return [features, count, epsilon = static_cast<double>(op.epsilon), scale = std::vector<float>(features),
          tile = vectors::Tile(features),
          reduction = vectors::Reduction(features == 0 ? 0 : count / features, features, 1)](
             const RunContext&, Inputs inputs, Outputs outputs) mutable {
    const float* kernel = in(inputs, In::kernel);
    const float* bias = in(inputs, In::bias);
    const float* dkernel = in(inputs, In::dfolded_kernel);
    const float* dbias = in(inputs, In::dfolded_bias);
    const double* products = nullptr;
    if (out(outputs, Out::dgamma) != nullptr) {
      products = reduction.run([&](std::size_t begin, std::size_t end, double* part) {
        const std::size_t at = begin * features;
        vectors::add_row_products(kernel + at, dkernel + at, {end - begin, features}, part);
      });
    }
    for (std::size_t f = 0; f < features; ++f) {
      const double inverse = 1 / std::sqrt(in(inputs, In::variance)[f] + epsilon);
      const double s = in(inputs, In::gamma)[f] * inverse;
      const double before = bias != nullptr ? static_cast<double>(bias[f]) : 0.0;
      scale[f] = static_cast<float>(s);
      if (out(outputs, Out::dbias) != nullptr) out(outputs, Out::dbias)[f] = static_cast<float>(s * dbias[f]);
      if (products != nullptr) {
        out(outputs, Out::dgamma)[f] =
            static_cast<float>((products[f] + (before - in(inputs, In::mean)[f]) * dbias[f]) * inverse);
      }
      if (out(outputs, Out::dbeta) != nullptr) out(outputs, Out::dbeta)[f] = dbias[f];
    }
    if (out(outputs, Out::dkernel) == nullptr) return;
    tile.set(scale.data());
    vectors::scale_and_shift({.scale = &tile}, dkernel, out(outputs, Out::dkernel), count);
  };
}

Function function_of(const ops::BatchNormalizationScaleShift& op, const Spec& spec) {
  using In = ops::BatchNormalizationScaleShift::In;
  using Out = ops::BatchNormalizationScaleShift::Out;
  return [c = elements(spec.in(In::gamma).shape), epsilon = static_cast<double>(op.epsilon)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < c; ++i) {
      const double scale = in(inputs, In::gamma)[i] / std::sqrt(in(inputs, In::variance)[i] + epsilon);
      const double shift = in(inputs, In::beta)[i] - in(inputs, In::mean)[i] * scale;
      out(outputs, Out::scale)[i] = static_cast<float>(scale);
      out(outputs, Out::shift)[i] = static_cast<float>(shift);
    }
  };
}

Function function_of(const ops::BatchNormalizationScaleShiftBackward& op, const Spec& spec) {
  using In = ops::BatchNormalizationScaleShiftBackward::In;
  using Out = ops::BatchNormalizationScaleShiftBackward::Out;
  return [c = elements(spec.in(In::mean).shape), epsilon = static_cast<double>(op.epsilon)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < c; ++i) {
      const double mean = in(inputs, In::mean)[i];
      const double dgamma = (in(inputs, In::dscale)[i] - mean * in(inputs, In::dshift)[i]) /
                            std::sqrt(in(inputs, In::variance)[i] + epsilon);
      if (out(outputs, Out::dgamma) != nullptr) out(outputs, Out::dgamma)[i] = static_cast<float>(dgamma);
      if (out(outputs, Out::dbeta) != nullptr) out(outputs, Out::dbeta)[i] = in(inputs, In::dshift)[i];
    }
  };
}

}  // namespace graft::kernels::native_detail
