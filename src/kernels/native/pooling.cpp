// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/parallel.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/native/loops.hpp"
#include "kernels/native/pool_window.hpp"
#include "kernels/native/reduction.hpp"
#include "kernels/native/target_clones.hpp"

namespace graft::kernels::native_detail {
namespace {

GRAFT_CLONES void max_into(const float* x, float* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = x[i] > y[i] ? x[i] : y[i];
}

GRAFT_CLONES void add_into(const float* x, float* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] += x[i];
}

GRAFT_CLONES void scale(float* y, float by, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] *= by;
}

void pool_pixel(ops::PoolKind kind, const PoolWindow& p, const float* x, const std::int64_t (&at)[3],
                float* y) {
  const auto c = static_cast<std::size_t>(p.extents.c);
  const auto [n, oy, ox] = at;
  bool first = true;
  p.for_each_tap(n, oy, ox, [&](std::int64_t pixel) {
    if (first) {
      std::copy_n(x + pixel, c, y);
    } else if (kind == ops::PoolKind::max) {
      max_into(x + pixel, y, c);
    } else {
      add_into(x + pixel, y, c);
    }
    first = false;
  });
  if (first) std::fill_n(y, c, 0.0F);
  if (kind == ops::PoolKind::average && !first) scale(y, 1.0F / static_cast<float>(p.taps_inside(oy, ox)), c);
}

Function pool(ops::PoolKind kind, const PoolWindow& p) {
  return [kind, p](const RunContext&, Inputs inputs, Outputs outputs) {
    const WindowExtents& e = p.extents;
    const std::int64_t work = std::max<std::int64_t>(1, e.ow * e.c * p.window.height * p.window.width);
    const std::size_t grain = 1 + loops::kGrain / static_cast<std::size_t>(work);
    parallel_for(static_cast<std::size_t>(e.n * e.oh), grain, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        const auto n = static_cast<std::int64_t>(row) / e.oh;
        const auto oy = static_cast<std::int64_t>(row) % e.oh;
        float* y = outputs[0] + static_cast<std::int64_t>(row) * e.ow * e.c;
        for (std::int64_t ox = 0; ox < e.ow; ++ox) pool_pixel(kind, p, inputs[0], {n, oy, ox}, y + ox * e.c);
      }
    });
  };
}

/// Sums one image's pixels in double: whole images have too many for a float.
Function global_average(const WindowExtents& e) {
  const auto c = static_cast<std::size_t>(e.c);
  const auto pixels = static_cast<std::size_t>(e.h * e.w);
  const auto images = static_cast<std::size_t>(e.n);
  return
      [=, sums = std::vector<double>(c * images)](const RunContext&, Inputs inputs, Outputs outputs) mutable {
        std::fill(sums.begin(), sums.end(), 0.0);
        parallel_for(images, 1 + loops::kGrain / std::max<std::size_t>(1, pixels * c),
                     [&](std::size_t begin, std::size_t end) {
                       for (std::size_t n = begin; n < end; ++n) {
                         double* sum = sums.data() + n * c;
                         loops::add_rows(inputs[0] + n * pixels * c, {pixels, c}, sum);
                         for (std::size_t i = 0; i < c; ++i) {
                           outputs[0][n * c + i] = static_cast<float>(sum[i] / static_cast<double>(pixels));
                         }
                       }
                     });
      };
}

}  // namespace

Function function_of(const ops::Pool& op, const Spec& spec) {
  return pool(op.kind, {window_extents(spec, spec.inputs[0].shape, spec.outputs[0].shape), op.window});
}

Function function_of(const ops::GlobalPool& op, const Spec& spec) {
  const PoolWindow p = whole_image(spec.inputs[0].shape);
  return op.kind == ops::PoolKind::max ? pool(op.kind, p) : global_average(p.extents);
}

}  // namespace graft::kernels::native_detail
