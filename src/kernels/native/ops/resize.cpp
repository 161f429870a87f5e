// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "graft/base/parallel.hpp"

#include "kernels/native/functions.hpp"

namespace graft::kernels::native_detail {
namespace {

/// For each output position of one axis: the inputs before and after it and the second one's weight.
struct Neighbours {
  std::vector<std::int64_t> first, second;
  std::vector<float> weight;

  Neighbours(ops::Interpolation interpolation, std::int64_t in, std::int64_t out) {
    for (std::int64_t i = 0; i < out; ++i) {
      const float scale = static_cast<float>(in) / static_cast<float>(out);
      float at = (static_cast<float>(i) + 0.5F) * scale - 0.5F;
      if (interpolation == ops::Interpolation::nearest) at = std::floor(at + 0.5F);
      at = std::clamp(at, 0.0F, static_cast<float>(in - 1));
      first.push_back(static_cast<std::int64_t>(at));
      second.push_back(std::min(first.back() + 1, in - 1));
      weight.push_back(at - static_cast<float>(first.back()));
    }
  }
};

/// The input rows before and after an output row, and the second one's weight.
struct RowPair {
  const float* upper;
  const float* lower;
  float down;
};

void resize_row(const WindowExtents& e, const Neighbours& x, const RowPair& rows, float* y) {
  for (std::int64_t ox = 0; ox < e.ow; ++ox) {
    const auto i = static_cast<std::size_t>(ox);
    const std::int64_t left = x.first[i] * e.c;
    const std::int64_t right = x.second[i] * e.c;
    const float weight = x.weight[i];
    for (std::int64_t c = 0; c < e.c; ++c) {
      const float top = rows.upper[left + c] * (1 - weight) + rows.upper[right + c] * weight;
      const float bottom = rows.lower[left + c] * (1 - weight) + rows.lower[right + c] * weight;
      y[ox * e.c + c] = top * (1 - rows.down) + bottom * rows.down;
    }
  }
}

/// Adds one row of dy, times share, to a row of dx that it was computed from.
void add_row_gradient(const WindowExtents& e, const Neighbours& x, const float* dy, float* dx, float share) {
  for (std::int64_t ox = 0; ox < e.ow; ++ox) {
    const auto i = static_cast<std::size_t>(ox);
    float* left = dx + x.first[i] * e.c;
    float* right = dx + x.second[i] * e.c;
    const float to_right = x.weight[i] * share;
    const float to_left = share - to_right;
    for (std::int64_t c = 0; c < e.c; ++c) left[c] += dy[ox * e.c + c] * to_left;
    if (to_right == 0) continue;
    for (std::int64_t c = 0; c < e.c; ++c) right[c] += dy[ox * e.c + c] * to_right;
  }
}

}  // namespace

Function function_of(const ops::Resize& op, const Spec& spec) {
  using In = ops::Resize::In;
  using Out = ops::Resize::Out;
  const WindowExtents e = window_extents(spec, spec.in(In::x).shape, spec.out(Out::y).shape);
  return [e, x = Neighbours(op.interpolation, e.w, e.ow), y = Neighbours(op.interpolation, e.h, e.oh)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    parallel_for(static_cast<std::size_t>(e.n * e.oh), 4, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        const std::size_t oy = row % static_cast<std::size_t>(e.oh);
        const float* image = in(inputs, In::x) + static_cast<std::int64_t>(row) / e.oh * e.h * e.w * e.c;
        resize_row(e, x, {image + y.first[oy] * e.w * e.c, image + y.second[oy] * e.w * e.c, y.weight[oy]},
                   out(outputs, Out::y) + static_cast<std::int64_t>(row) * e.ow * e.c);
      }
    });
  };
}

Function function_of(const ops::ResizeBackward& op, const Spec& spec) {
  using In = ops::ResizeBackward::In;
  using Out = ops::ResizeBackward::Out;
  const WindowExtents e = window_extents(spec, spec.out(Out::dx).shape, spec.in(In::dy).shape);
  return [e, x = Neighbours(op.interpolation, e.w, e.ow), y = Neighbours(op.interpolation, e.h, e.oh)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    // Rows of dy share rows of dx, so that threads split images.
    parallel_for(static_cast<std::size_t>(e.n), 1, [&](std::size_t begin, std::size_t end) {
      for (auto n = static_cast<std::int64_t>(begin); n < static_cast<std::int64_t>(end); ++n) {
        float* image = out(outputs, Out::dx) + n * e.h * e.w * e.c;
        std::fill_n(image, e.h * e.w * e.c, 0.0F);
        for (std::int64_t oy = 0; oy < e.oh; ++oy) {
          const auto i = static_cast<std::size_t>(oy);
          const float* dy = in(inputs, In::dy) + (n * e.oh + oy) * e.ow * e.c;
          add_row_gradient(e, x, dy, image + y.first[i] * e.w * e.c, 1 - y.weight[i]);
          if (y.weight[i] != 0) add_row_gradient(e, x, dy, image + y.second[i] * e.w * e.c, y.weight[i]);
        }
      }
    });
  };
}

}  // namespace graft::kernels::native_detail
