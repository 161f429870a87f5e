// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include "kernels/native/channel_rows.hpp"
#include "kernels/native/functions.hpp"
#include "kernels/native/loops.hpp"
#include "kernels/native/reduction.hpp"

namespace graft::kernels::native_detail {
namespace {

void store_scaled(const double* sums, double scale, float* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<float>(sums[i] * scale);
}

}  // namespace

Function function_of(const ops::BatchNormalizationTraining& op, const Spec& spec) {
  const std::size_t c = channels(spec.inputs[0].shape);
  const std::size_t row_count = rows(spec.inputs[0].shape);
  return [c, row_count, epsilon = static_cast<double>(op.epsilon), by = Coefficients(c),
          reduction = loops::Reduction(row_count, c, 1)](const RunContext&, Inputs inputs,
                                                         Outputs outputs) mutable {
    const float* x = inputs[0];
    float* mean = outputs[1];
    float* variance = outputs[2];
    const double share = 1 / static_cast<double>(row_count);
    // Two passes: the difference of squares would lose the variance of a channel with a large mean.
    const double* sums = reduction.run([&](std::size_t begin, std::size_t end, double* part) {
      loops::add_rows(x + begin * c, {end - begin, c}, part);
    });
    store_scaled(sums, share, mean, c);
    sums = reduction.run([&](std::size_t begin, std::size_t end, double* part) {
      loops::add_centred_squares({x + begin * c, mean}, {end - begin, c}, part);
    });
    store_scaled(sums, share, variance, c);
    for (std::size_t i = 0; i < c; ++i) {
      by.by_x[i] = static_cast<float>(inputs[1][i] / std::sqrt(variance[i] + epsilon));
      by.constant[i] = inputs[2][i];
    }
    loops::for_each_row_block(row_count, c, [&](std::size_t begin, std::size_t end) {
      normalize_rows({x + begin * c, mean}, by, outputs[0] + begin * c, {end - begin, c});
    });
  };
}

Function function_of(const ops::BatchNormalizationTrainingBackward& op, const Spec& spec) {
  const std::size_t c = channels(spec.inputs[0].shape);
  const std::size_t row_count = rows(spec.inputs[0].shape);
  return [c, row_count, epsilon = static_cast<double>(op.epsilon), by = Coefficients(c),
          reduction = loops::Reduction(row_count, c, 2)](const RunContext&, Inputs inputs,
                                                         Outputs outputs) mutable {
    const float* x = inputs[0];
    const float* mean = inputs[2];
    const float* dy = inputs[4];
    const double* sums = reduction.run([&](std::size_t begin, std::size_t end, double* part) {
      loops::add_rows(dy + begin * c, {end - begin, c}, part);
      loops::add_centred_products({x + begin * c, mean}, dy + begin * c, {end - begin, c}, part + c);
    });
    const auto count = static_cast<double>(row_count);
    for (std::size_t i = 0; i < c; ++i) {
      const double inverse = 1 / std::sqrt(inputs[3][i] + epsilon);
      const double dbeta = sums[i];
      const double dgamma = sums[c + i] * inverse;
      const double scale = inputs[1][i] * inverse;
      by.by_dy[i] = static_cast<float>(scale);
      by.by_x[i] = static_cast<float>(-scale * inverse * dgamma / count);
      by.constant[i] = static_cast<float>(-scale * dbeta / count);
      if (out(outputs, 1) != nullptr) outputs[1][i] = static_cast<float>(dgamma);
      if (out(outputs, 2) != nullptr) outputs[2][i] = static_cast<float>(dbeta);
    }
    if (out(outputs, 0) == nullptr) return;
    loops::for_each_row_block(row_count, c, [&](std::size_t begin, std::size_t end) {
      backward_rows({x + begin * c, mean}, by, dy + begin * c, outputs[0] + begin * c, {end - begin, c});
    });
  };
}

Function function_of(const ops::UpdateMovingStatistics& op, const Spec& spec) {
  return [c = elements(spec.inputs[0].shape), momentum = op.momentum](const RunContext&, Inputs inputs,
                                                                      Outputs outputs) {
    for (std::size_t which = 0; which < 2; ++which) {
      for (std::size_t i = 0; i < c; ++i) {
        outputs[which][i] = outputs[which][i] * momentum + inputs[which][i] * (1.0F - momentum);
      }
    }
  };
}

}  // namespace graft::kernels::native_detail
