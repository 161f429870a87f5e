// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/native/ops/pool_window.hpp"
#include "kernels/thread_scratch.hpp"
#include "kernels/vectors/convert.hpp"
#include "kernels/vectors/loops.hpp"
#include "kernels/vectors/patches.hpp"

namespace graft::kernels::native_detail {
namespace {

using vectors::kChannelBlock;

// Arrays of float32 or bfloat16; pooled values are float32.
template <typename X>
[[gnu::always_inline]] inline void set_all(const X* x, float* pooled, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) pooled[i] = vectors::widen(x[i]);
}
template <typename X>
[[gnu::always_inline]] inline void set_larger(const X* x, float* pooled, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float value = vectors::widen(x[i]);
    pooled[i] = value > pooled[i] ? value : pooled[i];
  }
}
template <typename X>
[[gnu::always_inline]] inline void add_all(const X* x, float* pooled, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) pooled[i] += vectors::widen(x[i]);
}
template <typename X>
[[gnu::always_inline]] inline void scale_all(const float* pooled, float by, X* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) vectors::put(pooled[i] * by, y[i]);
}

// One function for each type of elements: the compiler makes versions of functions, not of templates.
using Half = std::uint16_t;

GRAFT_CLONES void set(const float* x, float* pooled, std::size_t count) { set_all(x, pooled, count); }
GRAFT_CLONES void set(const Half* x, float* pooled, std::size_t count) { set_all(x, pooled, count); }
GRAFT_CLONES void max_into(const float* x, float* pooled, std::size_t count) { set_larger(x, pooled, count); }
GRAFT_CLONES void max_into(const Half* x, float* pooled, std::size_t count) { set_larger(x, pooled, count); }
GRAFT_CLONES void add_into(const float* x, float* pooled, std::size_t count) { add_all(x, pooled, count); }
GRAFT_CLONES void add_into(const Half* x, float* pooled, std::size_t count) { add_all(x, pooled, count); }
GRAFT_CLONES void scale(const float* pooled, float by, float* y, std::size_t count) {
  scale_all(pooled, by, y, count);
}
GRAFT_CLONES void scale(const float* pooled, float by, Half* y, std::size_t count) {
  scale_all(pooled, by, y, count);
}

/// One row of outputs: first each column of the image over the window's rows, which follow each other
/// in memory, then the windows' columns.
struct PooledRow {
  const PoolWindow& window;
  ops::PoolKind kind;
  std::int64_t n, oy;

  template <typename X>
  void pool(const X* x, float* columns, X* y) const {
    const Taps tall = window.rows(oy);
    const WindowExtents& e = window.extents;
    const auto width = static_cast<std::size_t>(e.w * e.c);
    for (std::int64_t tap = tall.begin; tap < tall.end; ++tap)
      pool_in(x + window.input(n, window.row(oy, tap), 0), columns, width, tap == tall.begin);
    for (std::int64_t ox = 0; ox < e.ow; ++ox) {
      for (std::int64_t c = 0; c < e.c; c += kChannelBlock) {
        pool_columns(columns + c, ox, static_cast<std::size_t>(e.c - c), y + ox * e.c + c);
      }
    }
  }

 private:
  template <typename X>
  void pool_in(const X* x, float* pooled, std::size_t count, bool first) const {
    if (first) {
      set(x, pooled, count);
    } else if (kind == ops::PoolKind::max) {
      max_into(x, pooled, count);
    } else {
      add_into(x, pooled, count);
    }
  }
  template <typename X>
  void pool_columns(const float* columns, std::int64_t ox, std::size_t channels_left, X* y) const {
    float pooled[kChannelBlock] = {};
    const std::size_t count = std::min(kChannelBlock, channels_left);
    const Taps wide = window.columns(ox);
    const std::int64_t taps = window.rows(oy).count() * wide.count();
    for (std::int64_t tap = wide.begin; taps > 0 && tap < wide.end; ++tap)
      pool_in(columns + window.column(ox, tap) * window.extents.c, pooled, count, tap == wide.begin);
    const bool divides = kind == ops::PoolKind::average && taps > 0;
    scale(pooled, divides ? 1.0F / static_cast<float>(taps) : 1.0F, y, count);
  }
};

template <typename X>
Function pool(ops::PoolKind kind, const PoolWindow& p) {
  using In = ops::Pool::In;
  using Out = ops::Pool::Out;
  return [kind, p](const RunContext&, Inputs inputs, Outputs outputs) {
    const WindowExtents& e = p.extents;
    const auto* x = in<X>(inputs, In::x);
    const std::int64_t work = std::max<std::int64_t>(1, e.ow * e.c * p.window.height * p.window.width);
    const std::size_t grain = 1 + vectors::kGrain / static_cast<std::size_t>(work);
    parallel_for(static_cast<std::size_t>(e.n * e.oh), grain, [&](std::size_t begin, std::size_t end) {
      auto* columns = thread_scratch<float>(static_cast<std::size_t>(e.w * e.c));
      for (auto row = static_cast<std::int64_t>(begin); row < static_cast<std::int64_t>(end); ++row) {
        X* y = out<X>(outputs, Out::y) + row * e.ow * e.c;
        PooledRow{p, kind, row / e.oh, row % e.oh}.pool(x, columns, y);
      }
    });
  };
}

PoolWindow window_of(const ops::Pool& op, const Spec& spec) {
  using In = ops::Pool::In;
  using Out = ops::Pool::Out;
  return {window_extents(spec, spec.in(In::x).shape, spec.out(Out::y).shape), op.window};
}

}  // namespace

Function function_of(const ops::Pool& op, const Spec& spec) {
  return pool<float>(op.kind, window_of(op, spec));
}

Function bf16_function_of(const ops::Pool& op, const Spec& spec) {
  using In = ops::Pool::In;
  using Out = ops::Pool::Out;
  if (spec.in(In::x).dtype != DType::bfloat16 || spec.out(Out::y).dtype != DType::bfloat16) return {};
  return pool<Half>(op.kind, window_of(op, spec));
}

Function largest_of_image(const Spec& spec) {
  using In = ops::GlobalPool::In;
  return pool<float>(ops::PoolKind::max, whole_image(spec.in(In::x).shape));
}

}  // namespace graft::kernels::native_detail
