// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/random_draws.hpp"
#include "kernels/vectors/loops.hpp"
#include "kernels/vectors/reduction.hpp"

namespace graft::kernels::native_detail {
namespace {

/// y = (x - mean) factor + mean for rows x width elements.
GRAFT_CLONES void contrast_rows(const float* x, const float* mean, float factor, float* y,
                                const vectors::Rows& extents) {
  const std::size_t width = extents.channels;
  for (std::size_t r = 0; r < extents.rows; ++r, x += width, y += width) {
    for (std::size_t c = 0; c < width; ++c) y[c] = (x[c] - mean[c]) * factor + mean[c];
  }
}

GRAFT_CLONES void clip(float* y, std::size_t count, const ops::Bounds& range) {
  const float low = range.low;
  const float high = range.high;
  for (std::size_t i = 0; i < count; ++i) {
    const float above = y[i] < low ? low : y[i];
    y[i] = above > high ? high : above;
  }
}

GRAFT_CLONES void add_constant(const float* x, float delta, float* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = x[i] + delta;
}

}  // namespace

Function function_of(const ops::RandomContrast& op, const Spec& spec) {
  using In = ops::RandomContrast::In;
  using Out = ops::RandomContrast::Out;
  const WindowExtents e = window_extents(spec, spec.in(In::x).shape, spec.out(Out::y).shape);
  const auto c = static_cast<std::size_t>(e.c);
  const auto pixels = static_cast<std::size_t>(e.h * e.w);
  struct Sample {
    std::vector<double> sums;
    std::vector<float> mean;
    vectors::Tile tile;
  };
  const Sample empty{std::vector<double>(c), std::vector<float>(c), vectors::Tile(c)};
  return [=, samples = std::vector<Sample>(static_cast<std::size_t>(e.n), empty)](
             const RunContext& context, Inputs inputs, Outputs outputs) mutable {
    parallel_for(samples.size(), 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t n = begin; n < end; ++n) {
        Sample& sample = samples[n];
        const float* x = in(inputs, In::x) + n * pixels * c;
        float* y = out(outputs, Out::y) + n * pixels * c;
        std::fill(sample.sums.begin(), sample.sums.end(), 0.0);
        vectors::add_rows(x, {pixels, c}, sample.sums.data());
        for (std::size_t i = 0; i < c; ++i) {
          sample.mean[i] = static_cast<float>(sample.sums[i] / static_cast<double>(pixels));
        }
        sample.tile.set(sample.mean.data());
        const float factor = draw_factor(op, context, n);
        const std::size_t width = sample.tile.width();
        const std::size_t full = pixels * c / width;
        const std::size_t rest = pixels * c - full * width;
        contrast_rows(x, sample.tile.data(), factor, y, {full, width});
        contrast_rows(x + full * width, sample.tile.data(), factor, y + full * width, {1, rest});
        clip(y, pixels * c, op.value_range);
      }
    });
  };
}

Function function_of(const ops::RandomBrightness& op, const Spec& spec) {
  using In = ops::RandomBrightness::In;
  using Out = ops::RandomBrightness::Out;
  const WindowExtents e = window_extents(spec, spec.in(In::x).shape, spec.out(Out::y).shape);
  const auto count = static_cast<std::size_t>(e.h * e.w * e.c);
  return [=](const RunContext& context, Inputs inputs, Outputs outputs) {
    parallel_for(static_cast<std::size_t>(e.n), 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t n = begin; n < end; ++n) {
        add_constant(in(inputs, In::x) + n * count, draw_delta(op, context, n),
                     out(outputs, Out::y) + n * count, count);
        clip(out(outputs, Out::y) + n * count, count, op.value_range);
      }
    });
  };
}

}  // namespace graft::kernels::native_detail
