// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/native/ops/pool_window.hpp"
#include "kernels/vectors/loops.hpp"

namespace graft::kernels::native_detail {
namespace {

/// Channels that one thread works on at a time: windows overlap, so that threads split images and channels.
constexpr std::int64_t kChannels = 64;

/// One output of some channels, its gradient, and the state of its window.
struct Largest {
  const float* y;
  const float* dy;
  float* remaining;  // 1 until the largest value was found, then 0
};

/// dx += dy where x is the window's largest value and none before it was.
GRAFT_CLONES void add_to_largest(const float* x, const Largest& of, float* dx, std::size_t count) {
  const float* y = of.y;
  const float* dy = of.dy;
  float* remaining = of.remaining;
  for (std::size_t i = 0; i < count; ++i) {
    const float share = x[i] == y[i] ? remaining[i] : 0.0F;
    dx[i] += dy[i] * share;
    remaining[i] -= share;
  }
}

GRAFT_CLONES void add_scaled(const float* dy, float scale, float* dx, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) dx[i] += dy[i] * scale;
}

/// One image's channels [c, c + count).
struct Part {
  std::int64_t n, c;
  std::size_t count;
};

void clear(const PoolWindow& p, const Part& part, float* dx) {
  const std::int64_t pixels = p.extents.h * p.extents.w;
  for (std::int64_t i = 0; i < pixels; ++i) {
    std::fill_n(dx + p.input(part.n, 0, 0) + i * p.extents.c + part.c, part.count, 0.0F);
  }
}

template <typename Body>
void for_each_output(const PoolWindow& p, const Part& part, const Body& body) {
  const WindowExtents& e = p.extents;
  for (std::int64_t oy = 0; oy < e.oh; ++oy) {
    for (std::int64_t ox = 0; ox < e.ow; ++ox)
      body(oy, ox, ((part.n * e.oh + oy) * e.ow + ox) * e.c + part.c);
  }
}

void max_backward(const PoolWindow& p, const Part& part, Inputs inputs, float* dx) {
  using In = ops::PoolBackward::In;
  const float* x = in(inputs, In::x);
  const float* y = in(inputs, In::y);
  const float* dy = in(inputs, In::dy);
  for_each_output(p, part, [&](std::int64_t oy, std::int64_t ox, std::int64_t at) {
    float remaining[kChannels];
    std::fill_n(remaining, kChannels, 1.0F);
    p.for_each_tap(part.n, oy, ox, [&](std::int64_t pixel) {
      add_to_largest(x + pixel + part.c, {y + at, dy + at, remaining}, dx + pixel + part.c, part.count);
    });
  });
}

void average_backward(const PoolWindow& p, const Part& part, Inputs inputs, float* dx) {
  using In = ops::PoolBackward::In;
  const float* dy = in(inputs, In::dy);
  for_each_output(p, part, [&](std::int64_t oy, std::int64_t ox, std::int64_t at) {
    const float share = 1.0F / static_cast<float>(std::max<std::int64_t>(1, p.taps_inside(oy, ox)));
    p.for_each_tap(part.n, oy, ox,
                   [&](std::int64_t pixel) { add_scaled(dy + at, share, dx + pixel + part.c, part.count); });
  });
}

Function pool_backward(ops::PoolKind kind, const PoolWindow& p) {
  using Out = ops::PoolBackward::Out;
  return [kind, p](const RunContext&, Inputs inputs, Outputs outputs) {
    const WindowExtents& e = p.extents;
    const std::int64_t blocks = (e.c + kChannels - 1) / kChannels;
    parallel_for(static_cast<std::size_t>(e.n * blocks), 1, [&](std::size_t begin, std::size_t end) {
      for (auto i = static_cast<std::int64_t>(begin); i < static_cast<std::int64_t>(end); ++i) {
        const std::int64_t c = i % blocks * kChannels;
        const Part part{i / blocks, c, static_cast<std::size_t>(std::min(kChannels, e.c - c))};
        clear(p, part, out(outputs, Out::dx));
        if (kind == ops::PoolKind::max) {
          max_backward(p, part, inputs, out(outputs, Out::dx));
        } else {
          average_backward(p, part, inputs, out(outputs, Out::dx));
        }
      }
    });
  };
}

}  // namespace

Function function_of(const ops::PoolBackward& op, const Spec& spec) {
  using In = ops::PoolBackward::In;
  using Out = ops::PoolBackward::Out;
  return pool_backward(op.kind,
                       {window_extents(spec, spec.out(Out::dx).shape, spec.in(In::dy).shape), op.window});
}

Function function_of(const ops::GlobalPoolBackward& op, const Spec& spec) {
  using Out = ops::GlobalPoolBackward::Out;
  return pool_backward(op.kind, whole_image(spec.out(Out::dx).shape));
}

}  // namespace graft::kernels::native_detail
