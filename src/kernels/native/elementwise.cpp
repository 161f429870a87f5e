// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>

#include "graft/base/parallel.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/native/loops.hpp"
#include "kernels/native/reduction.hpp"

namespace graft::kernels::native_detail {
namespace {

void softmax_row(const float* x, float* y, std::size_t c) {
  const float largest = *std::max_element(x, x + c);
  double sum = 0;
  for (std::size_t i = 0; i < c; ++i) {
    y[i] = std::exp(x[i] - largest);
    sum += static_cast<double>(y[i]);
  }
  const auto scale = static_cast<float>(1 / sum);
  for (std::size_t i = 0; i < c; ++i) y[i] *= scale;
}

void softmax_backward_row(const float* y, const float* dy, float* dx, std::size_t c) {
  double sum = 0;
  for (std::size_t i = 0; i < c; ++i) sum += static_cast<double>(y[i]) * static_cast<double>(dy[i]);
  const auto mean = static_cast<float>(sum);
  for (std::size_t i = 0; i < c; ++i) dx[i] = y[i] * (dy[i] - mean);
}

}  // namespace

Function function_of(const ops::ActivationForward& op, const Spec& spec) {
  return [activation = op.activation, count = elements(spec.outputs[0].shape)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    loops::activate(activation, in(inputs, 0), out(outputs, 0), count);
  };
}

Function function_of(const ops::ActivationBackward& op, const Spec& spec) {
  return [activation = op.activation, count = elements(spec.outputs[0].shape)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    loops::for_each_block(count, [&](std::size_t begin, std::size_t end) {
      loops::activation_backward_block(activation, in(inputs, 0) + begin, in(inputs, 1) + begin,
                                       out(outputs, 0) + begin, end - begin);
    });
  };
}

Function function_of(const ops::Add& op, const Spec& spec) {
  return [activation = op.activation, count = elements(spec.outputs[0].shape)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    loops::add(activation, in(inputs, 0), in(inputs, 1), out(outputs, 0), count);
  };
}

Function function_of(const ops::ScaleShift& op, const Spec& spec) {
  return [activation = op.activation, count = elements(spec.outputs[0].shape),
          tiles = loops::ScaleAndShiftTiles(channels(spec.outputs[0].shape), spec.at_once)](
             const RunContext& context, Inputs inputs, Outputs outputs) mutable {
    const auto& [scale, shift] = tiles.set(context.thread, in(inputs, 1), in(inputs, 2));
    loops::scale_and_shift({&scale, &shift, activation}, in(inputs, 0), out(outputs, 0), count);
  };
}

Function function_of(const ops::ScaleShiftBackward&, const Spec& spec) {
  const std::size_t c = channels(spec.inputs[0].shape);
  return [c, count = elements(spec.inputs[0].shape), scale = loops::Tile(c),
          reduction = loops::Reduction(rows(spec.inputs[0].shape), c, 2)](const RunContext&, Inputs inputs,
                                                                          Outputs outputs) mutable {
    const float* x = in(inputs, 0);
    const float* dy = in(inputs, 2);
    float* dscale = out(outputs, 1);
    float* dshift = out(outputs, 2);
    if (dscale != nullptr || dshift != nullptr) {
      const double* sums = reduction.run([&](std::size_t begin, std::size_t end, double* part) {
        if (dscale != nullptr) loops::add_row_products(x + begin * c, dy + begin * c, {end - begin, c}, part);
        if (dshift != nullptr) loops::add_rows(dy + begin * c, {end - begin, c}, part + c);
      });
      for (std::size_t i = 0; i < c; ++i) {
        if (dscale != nullptr) dscale[i] = static_cast<float>(sums[i]);
        if (dshift != nullptr) dshift[i] = static_cast<float>(sums[c + i]);
      }
    }
    if (out(outputs, 0) == nullptr) return;
    scale.set(in(inputs, 1));
    loops::scale_and_shift({.scale = &scale}, dy, out(outputs, 0), count);
  };
}

Function function_of(const ops::Softmax&, const Spec& spec) {
  const std::size_t c = channels(spec.outputs[0].shape);
  return [c, count = rows(spec.outputs[0].shape)](const RunContext&, Inputs inputs, Outputs outputs) {
    parallel_for(count, 1 + 1024 / c, [&](std::size_t begin, std::size_t end) {
      for (std::size_t r = begin; r < end; ++r)
        softmax_row(in(inputs, 0) + r * c, out(outputs, 0) + r * c, c);
    });
  };
}

Function function_of(const ops::SoftmaxBackward&, const Spec& spec) {
  const std::size_t c = channels(spec.outputs[0].shape);
  return [c, count = rows(spec.outputs[0].shape)](const RunContext&, Inputs inputs, Outputs outputs) {
    parallel_for(count, 1 + loops::kGrain / c, [&](std::size_t begin, std::size_t end) {
      for (std::size_t r = begin; r < end; ++r) {
        softmax_backward_row(in(inputs, 0) + r * c, in(inputs, 1) + r * c, out(outputs, 0) + r * c, c);
      }
    });
  };
}

}  // namespace graft::kernels::native_detail
