// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <vector>

#include "kernels/reference/functions.hpp"

namespace graft::kernels::reference_detail {
namespace {

/// Calls body(y index, x indices of the window's elements inside the image) for every output element.
template <typename Body>
void for_each_window(const WindowExtents& e, const ops::Window& window, const Body& body) {
  std::vector<std::size_t> inside;
  const std::int64_t count = e.n * e.oh * e.ow * e.c;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t c = i % e.c;
    const std::int64_t ox = i / e.c % e.ow;
    const std::int64_t oy = i / e.c / e.ow % e.oh;
    const std::int64_t n = i / e.c / e.ow / e.oh;
    inside.clear();
    for (std::int64_t ky = 0; ky < window.height; ++ky) {
      for (std::int64_t kx = 0; kx < window.width; ++kx) {
        const std::int64_t y = oy * window.stride_height + ky * window.dilation_height - window.pad_top;
        const std::int64_t x = ox * window.stride_width + kx * window.dilation_width - window.pad_left;
        if (y < 0 || y >= e.h || x < 0 || x >= e.w) continue;
        inside.push_back(static_cast<std::size_t>(((n * e.h + y) * e.w + x) * e.c + c));
      }
    }
    if (!inside.empty()) body(static_cast<std::size_t>(i), inside);
  }
}

std::size_t first_largest(const std::vector<std::size_t>& inside, const float* x) {
  return *std::max_element(inside.begin(), inside.end(),
                           [x](std::size_t a, std::size_t b) { return x[a] < x[b]; });
}

/// The whole image as one window.
ops::Window whole(const Shape& x) { return {.height = x[1], .width = x[2]}; }

/// y (N, C) as (N, 1, 1, C).
Shape as_image(const Shape& y) { return Shape{y[0], 1, 1, y[-1]}; }

Function pool(ops::PoolKind kind, const ops::Window& window, const WindowExtents& e) {
  using In = ops::Pool::In;
  using Out = ops::Pool::Out;
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    std::fill_n(out(outputs, Out::y), e.n * e.oh * e.ow * e.c, 0.0F);
    for_each_window(e, window, [&](std::size_t y, const std::vector<std::size_t>& inside) {
      double sum = 0;
      for (const std::size_t x : inside) sum += in(inputs, In::x)[x];
      out(outputs, Out::y)[y] = kind == ops::PoolKind::max
                                    ? in(inputs, In::x)[first_largest(inside, in(inputs, In::x))]
                                    : static_cast<float>(sum / static_cast<double>(inside.size()));
    });
  };
}

Function pool_backward(ops::PoolKind kind, const ops::Window& window, const WindowExtents& e) {
  using In = ops::PoolBackward::In;
  using Out = ops::PoolBackward::Out;
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    std::vector<double> sums(static_cast<std::size_t>(e.n * e.h * e.w * e.c), 0.0);
    for_each_window(e, window, [&](std::size_t y, const std::vector<std::size_t>& inside) {
      const double dy = in(inputs, In::dy)[y];
      if (kind == ops::PoolKind::max) {
        sums[first_largest(inside, in(inputs, In::x))] += dy;
      } else {
        for (const std::size_t x : inside) sums[x] += dy / static_cast<double>(inside.size());
      }
    });
    std::transform(sums.begin(), sums.end(), out(outputs, Out::dx),
                   [](double sum) { return static_cast<float>(sum); });
  };
}

}  // namespace

Function function_of(const ops::Pool& op, const Spec& spec) {
  using In = ops::Pool::In;
  using Out = ops::Pool::Out;
  return pool(op.kind, op.window, window_extents(spec, spec.in(In::x).shape, spec.out(Out::y).shape));
}

Function function_of(const ops::PoolBackward& op, const Spec& spec) {
  using In = ops::PoolBackward::In;
  using Out = ops::PoolBackward::Out;
  return pool_backward(op.kind, op.window,
                       window_extents(spec, spec.out(Out::dx).shape, spec.in(In::dy).shape));
}

Function function_of(const ops::GlobalPool& op, const Spec& spec) {
  using In = ops::GlobalPool::In;
  using Out = ops::GlobalPool::Out;
  const Shape& x = spec.in(In::x).shape;
  return pool(op.kind, whole(x), window_extents(spec, x, as_image(spec.out(Out::y).shape)));
}

Function function_of(const ops::GlobalPoolBackward& op, const Spec& spec) {
  using In = ops::GlobalPoolBackward::In;
  using Out = ops::GlobalPoolBackward::Out;
  const Shape& x = spec.out(Out::dx).shape;
  return pool_backward(op.kind, whole(x), window_extents(spec, x, as_image(spec.in(In::dy).shape)));
}

}  // namespace graft::kernels::reference_detail
