// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>

#include "graft/base/parallel.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/vectors/loops.hpp"
#include "kernels/vectors/reduction.hpp"

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
  using In = ops::ActivationForward::In;
  using Out = ops::ActivationForward::Out;
  return [activation = op.activation, count = elements(spec.out(Out::y).shape)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    vectors::activate(activation, in(inputs, In::x), out(outputs, Out::y), count);
  };
}

Function function_of(const ops::ActivationBackward& op, const Spec& spec) {
  using In = ops::ActivationBackward::In;
  using Out = ops::ActivationBackward::Out;
  return [activation = op.activation, count = elements(spec.out(Out::dx).shape)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    vectors::for_each_block(count, [&](std::size_t begin, std::size_t end) {
      vectors::activation_backward_block(activation, in(inputs, In::source) + begin,
                                         in(inputs, In::dy) + begin, out(outputs, Out::dx) + begin,
                                         end - begin);
    });
  };
}

Function function_of(const ops::ScaleShift& op, const Spec& spec) {
  using In = ops::ScaleShift::In;
  using Out = ops::ScaleShift::Out;
  return [activation = op.activation, count = elements(spec.out(Out::y).shape),
          tiles = vectors::ScaleAndShiftTiles(channels(spec.out(Out::y).shape), spec.concurrency)](
             const RunContext& context, Inputs inputs, Outputs outputs) mutable {
    const auto& [scale, shift] = tiles.set(context.thread, in(inputs, In::scale), in(inputs, In::shift));
    vectors::scale_and_shift({&scale, &shift, activation}, in(inputs, In::x), out(outputs, Out::y), count);
  };
}

Function function_of(const ops::ScaleShiftBackward&, const Spec& spec) {
  using In = ops::ScaleShiftBackward::In;
  using Out = ops::ScaleShiftBackward::Out;
  const std::size_t c = channels(spec.in(In::x).shape);
  return [c, count = elements(spec.in(In::x).shape), scale = vectors::Tile(c),
          reduction = vectors::Reduction(rows(spec.in(In::x).shape), c, 2)](const RunContext&, Inputs inputs,
                                                                            Outputs outputs) mutable {
    const float* x = in(inputs, In::x);
    const float* dy = in(inputs, In::dy);
    float* dscale = out(outputs, Out::dscale);
    float* dshift = out(outputs, Out::dshift);
    if (dscale != nullptr || dshift != nullptr) {
      const double* sums = reduction.run([&](std::size_t begin, std::size_t end, double* part) {
        if (dscale != nullptr)
          vectors::add_row_products(x + begin * c, dy + begin * c, {end - begin, c}, part);
        if (dshift != nullptr) vectors::add_rows(dy + begin * c, {end - begin, c}, part + c);
      });
      for (std::size_t i = 0; i < c; ++i) {
        if (dscale != nullptr) dscale[i] = static_cast<float>(sums[i]);
        if (dshift != nullptr) dshift[i] = static_cast<float>(sums[c + i]);
      }
    }
    if (out(outputs, Out::dx) == nullptr) return;
    scale.set(in(inputs, In::scale));
    vectors::scale_and_shift({.scale = &scale}, dy, out(outputs, Out::dx), count);
  };
}

Function function_of(const ops::Softmax&, const Spec& spec) {
  using In = ops::Softmax::In;
  using Out = ops::Softmax::Out;
  const std::size_t c = channels(spec.out(Out::y).shape);
  return [c, count = rows(spec.out(Out::y).shape)](const RunContext&, Inputs inputs, Outputs outputs) {
    parallel_for(count, 1 + 1024 / c, [&](std::size_t begin, std::size_t end) {
      for (std::size_t r = begin; r < end; ++r)
        softmax_row(in(inputs, In::x) + r * c, out(outputs, Out::y) + r * c, c);
    });
  };
}

Function function_of(const ops::SoftmaxBackward&, const Spec& spec) {
  using In = ops::SoftmaxBackward::In;
  using Out = ops::SoftmaxBackward::Out;
  const std::size_t c = channels(spec.out(Out::dx).shape);
  return [c, count = rows(spec.out(Out::dx).shape)](const RunContext&, Inputs inputs, Outputs outputs) {
    parallel_for(count, 1 + vectors::kGrain / c, [&](std::size_t begin, std::size_t end) {
      for (std::size_t r = begin; r < end; ++r) {
        softmax_backward_row(in(inputs, In::y) + r * c, in(inputs, In::dy) + r * c,
                             out(outputs, Out::dx) + r * c, c);
      }
    });
  };
}

}  // namespace graft::kernels::native_detail
