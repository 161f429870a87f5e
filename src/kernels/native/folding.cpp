// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include "kernels/native/functions.hpp"
#include "kernels/native/loops.hpp"
#include "kernels/native/reduction.hpp"

namespace graft::kernels::native_detail {

Function function_of(const ops::FoldBatchNormalization& op, const Spec& spec) {
  const std::size_t features = elements(spec.inputs[2].shape);
  return [features, count = elements(spec.inputs[0].shape), epsilon = static_cast<double>(op.epsilon),
          scale = std::vector<float>(features),
          tile = loops::Tile(features)](const RunContext&, Inputs inputs, Outputs outputs) mutable {
    const float* bias = in(inputs, 1);
    for (std::size_t f = 0; f < features; ++f) {
      const double s = in(inputs, 2)[f] / std::sqrt(in(inputs, 5)[f] + epsilon);
      const double before = bias != nullptr ? static_cast<double>(bias[f]) : 0.0;
      scale[f] = static_cast<float>(s);
      out(outputs, 1)[f] = static_cast<float>(in(inputs, 3)[f] + (before - in(inputs, 4)[f]) * s);
    }
    tile.set(scale.data());
    loops::scale_and_shift({.scale = &tile}, in(inputs, 0), out(outputs, 0), count);
  };
}

Function function_of(const ops::FoldBatchNormalizationBackward& op, const Spec& spec) {
  const std::size_t features = elements(spec.inputs[2].shape);
  const std::size_t count = elements(spec.inputs[0].shape);
  return [features, count, epsilon = static_cast<double>(op.epsilon), scale = std::vector<float>(features),
          tile = loops::Tile(features),
          reduction = loops::Reduction(features == 0 ? 0 : count / features, features, 1)](
             const RunContext&, Inputs inputs, Outputs outputs) mutable {
    const float* kernel = in(inputs, 0);
    const float* bias = in(inputs, 1);
    const float* dkernel = in(inputs, 5);
    const float* dbias = in(inputs, 6);
    const double* products = nullptr;
    if (out(outputs, 2) != nullptr) {
      products = reduction.run([&](std::size_t begin, std::size_t end, double* part) {
        const std::size_t at = begin * features;
        loops::add_row_products(kernel + at, dkernel + at, {end - begin, features}, part);
      });
    }
    for (std::size_t f = 0; f < features; ++f) {
      const double inverse = 1 / std::sqrt(in(inputs, 4)[f] + epsilon);
      const double s = in(inputs, 2)[f] * inverse;
      const double before = bias != nullptr ? static_cast<double>(bias[f]) : 0.0;
      scale[f] = static_cast<float>(s);
      if (out(outputs, 1) != nullptr) out(outputs, 1)[f] = static_cast<float>(s * dbias[f]);
      if (products != nullptr) {
        out(outputs, 2)[f] =
            static_cast<float>((products[f] + (before - in(inputs, 3)[f]) * dbias[f]) * inverse);
      }
      if (out(outputs, 3) != nullptr) out(outputs, 3)[f] = dbias[f];
    }
    if (out(outputs, 0) == nullptr) return;
    tile.set(scale.data());
    loops::scale_and_shift({.scale = &tile}, dkernel, out(outputs, 0), count);
  };
}

Function function_of(const ops::BatchNormalizationScaleShift& op, const Spec& spec) {
  return [c = elements(spec.inputs[0].shape), epsilon = static_cast<double>(op.epsilon)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < c; ++i) {
      const double scale = in(inputs, 0)[i] / std::sqrt(in(inputs, 3)[i] + epsilon);
      const double shift = in(inputs, 1)[i] - in(inputs, 2)[i] * scale;
      out(outputs, 0)[i] = static_cast<float>(scale);
      out(outputs, 1)[i] = static_cast<float>(shift);
    }
  };
}

Function function_of(const ops::BatchNormalizationScaleShiftBackward& op, const Spec& spec) {
  return [c = elements(spec.inputs[0].shape), epsilon = static_cast<double>(op.epsilon)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < c; ++i) {
      const double mean = in(inputs, 0)[i];
      const double dgamma =
          (in(inputs, 2)[i] - mean * in(inputs, 3)[i]) / std::sqrt(in(inputs, 1)[i] + epsilon);
      if (out(outputs, 0) != nullptr) out(outputs, 0)[i] = static_cast<float>(dgamma);
      if (out(outputs, 1) != nullptr) out(outputs, 1)[i] = in(inputs, 3)[i];
    }
  };
}

}  // namespace graft::kernels::native_detail
