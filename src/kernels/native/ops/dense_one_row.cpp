// SPDX-License-Identifier: Apache-2.0
// Dense for a single row: y (O) = activation(x (I) kernel (I, O) + bias). Its cost is reading the
// kernel once.
#include <algorithm>
#include <vector>

#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/vectors/loops.hpp"

namespace graft::kernels::native_detail {
namespace {

/// Rows of the kernel that are added at a time, so that the sums are loaded and stored once for all of them.
constexpr std::size_t kRows = 8;

GRAFT_CLONES void add_rows(const float* x, const float* kernel, float* sums, std::size_t width) {
  const float* const k = kernel;
  for (std::size_t o = 0; o < width; ++o) {
    const float even =
        x[0] * k[o] + x[2] * k[2 * width + o] + x[4] * k[4 * width + o] + x[6] * k[6 * width + o];
    const float odd =
        x[1] * k[width + o] + x[3] * k[3 * width + o] + x[5] * k[5 * width + o] + x[7] * k[7 * width + o];
    sums[o] += even + odd;
  }
}

GRAFT_CLONES void add_row(float x, const float* kernel, float* sums, std::size_t width) {
  for (std::size_t o = 0; o < width; ++o) sums[o] += x * kernel[o];
}

}  // namespace

Function function_of(const ops::Dense& op, const Spec& spec) {
  using In = ops::Dense::In;
  using Out = ops::Dense::Out;
  if (rows(spec.in(In::x).shape) != 1) return {};
  const std::size_t in_count = channels(spec.in(In::x).shape);
  const std::size_t width = channels(spec.out(Out::y).shape);
  const std::size_t parts =
      std::clamp<std::size_t>(in_count * width / vectors::kGrain, 1, static_cast<std::size_t>(num_threads()));
  return [=, activation = op.activation, sums = std::vector<float>(parts * width)](
             const RunContext&, Inputs inputs, Outputs outputs) mutable {
    const float* x = in(inputs, In::x);
    const float* kernel = in(inputs, In::kernel);
    const float* bias = in(inputs, In::bias);
    float* y = out(outputs, Out::y);
    // Each part is some of the kernel's rows: one stretch of memory, read from end to end.
    parallel_for(parts, 1, [&](std::size_t first, std::size_t last) {
      for (std::size_t part = first; part < last; ++part) {
        float* own = sums.data() + part * width;
        std::fill_n(own, width, 0.0F);
        std::size_t i = in_count * part / parts;
        const std::size_t end = in_count * (part + 1) / parts;
        for (; i + kRows <= end; i += kRows) add_rows(x + i, kernel + i * width, own, width);
        for (; i < end; ++i) add_row(x[i], kernel + i * width, own, width);
      }
    });
    for (std::size_t o = 0; o < width; ++o) {
      float sum = bias != nullptr ? bias[o] : 0.0F;
      for (std::size_t part = 0; part < parts; ++part) sum += sums[part * width + o];
      y[o] = sum;
    }
    vectors::activate(activation, y, y, width);
  };
}

}  // namespace graft::kernels::native_detail
