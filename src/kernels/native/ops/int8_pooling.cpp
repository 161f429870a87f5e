// SPDX-License-Identifier: Apache-2.0
// Maximum pooling of 8-bit arrays, without conversion to float32.
#include <algorithm>

#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/native/ops/pool_window.hpp"
#include "kernels/vectors/loops.hpp"

namespace graft::kernels::native_detail {
namespace {

GRAFT_CLONES void max_into(const std::uint8_t* x, std::uint8_t* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = x[i] > y[i] ? x[i] : y[i];
}
GRAFT_CLONES void max_into(const std::int8_t* x, std::int8_t* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = x[i] > y[i] ? x[i] : y[i];
}

template <typename T>
void max_of_window(const PoolWindow& p, const T* x, const std::int64_t (&at)[3], T* y) {
  const auto c = static_cast<std::size_t>(p.extents.c);
  bool first = true;
  p.for_each_tap(at[0], at[1], at[2], [&](std::int64_t pixel) {
    if (first) {
      std::copy_n(x + pixel, c, y);
    } else {
      max_into(x + pixel, y, c);
    }
    first = false;
  });
  if (first) std::fill_n(y, c, T{0});
}

template <typename T>
Function max_pool(const PoolWindow& p) {
  using In = ops::Pool::In;
  using Out = ops::Pool::Out;
  return [p](const RunContext&, Inputs inputs, Outputs outputs) {
    const WindowExtents& e = p.extents;
    const auto* x = in<T>(inputs, In::x);
    const std::int64_t work = std::max<std::int64_t>(1, e.ow * e.c * p.window.height * p.window.width);
    const std::size_t grain = 1 + vectors::kGrain / static_cast<std::size_t>(work);
    parallel_for(static_cast<std::size_t>(e.n * e.oh), grain, [&](std::size_t begin, std::size_t end) {
      for (auto row = static_cast<std::int64_t>(begin); row < static_cast<std::int64_t>(end); ++row) {
        T* y = out<T>(outputs, Out::y) + row * e.ow * e.c;
        for (std::int64_t ox = 0; ox < e.ow; ++ox)
          max_of_window(p, x, {row / e.oh, row % e.oh, ox}, y + ox * e.c);
      }
    });
  };
}

}  // namespace

Function int8_function_of(const ops::Pool& op, const Spec& spec) {
  using In = ops::Pool::In;
  using Out = ops::Pool::Out;
  const Argument& x = spec.in(In::x);
  const Argument& y = spec.out(Out::y);
  if (op.kind != ops::PoolKind::max || x.dtype != y.dtype || x.scale != y.scale) return {};
  const PoolWindow p{window_extents(spec, x.shape, y.shape), op.window};
  return x.dtype == DType::uint8 ? max_pool<std::uint8_t>(p) : max_pool<std::int8_t>(p);
}

}  // namespace graft::kernels::native_detail
