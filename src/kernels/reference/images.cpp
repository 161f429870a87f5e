// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/random_draws.hpp"
#include "kernels/reference/functions.hpp"

namespace graft::kernels::reference_detail {
namespace {

/// One image (H, W, C) that is read at any point.
struct Image {
  const float* pixels;
  std::int64_t h, w, c;
  float outside;  // what a pixel outside is

  [[nodiscard]] float at(std::int64_t y, std::int64_t x, std::int64_t channel) const {
    if (y < 0 || y >= h || x < 0 || x >= w) return outside;
    return pixels[(y * w + x) * c + channel];
  }
  [[nodiscard]] float nearest(float y, float x, std::int64_t channel) const {
    return at(static_cast<std::int64_t>(std::round(y)), static_cast<std::int64_t>(std::round(x)), channel);
  }
  [[nodiscard]] float bilinear(float y, float x, std::int64_t channel) const {
    const auto top = static_cast<std::int64_t>(std::floor(y));
    const auto left = static_cast<std::int64_t>(std::floor(x));
    const float down = y - static_cast<float>(top);
    const float right = x - static_cast<float>(left);
    const float upper = at(top, left, channel) * (1 - right) + at(top, left + 1, channel) * right;
    const float lower = at(top + 1, left, channel) * (1 - right) + at(top + 1, left + 1, channel) * right;
    return upper * (1 - down) + lower * down;
  }
};

Image image_of(const WindowExtents& e, const float* x, std::int64_t n, float outside) {
  return {x + n * e.h * e.w * e.c, e.h, e.w, e.c, outside};
}

/// Calls body(n, oy, ox, c, index) for every output element.
template <typename Body>
void for_each_output(const WindowExtents& e, const Body& body) {
  std::size_t i = 0;
  for (std::int64_t n = 0; n < e.n; ++n) {
    for (std::int64_t y = 0; y < e.oh; ++y) {
      for (std::int64_t x = 0; x < e.ow; ++x) {
        for (std::int64_t c = 0; c < e.c; ++c) body(n, y, x, c, i++);
      }
    }
  }
}

std::size_t elements_of(const WindowExtents& e) { return static_cast<std::size_t>(e.n * e.h * e.w * e.c); }

/// Half-pixel centres: output pixel i looks at (i + 1/2) in / out - 1/2.
float resized(std::int64_t i, std::int64_t in, std::int64_t out) {
  return (static_cast<float>(i) + 0.5F) * (static_cast<float>(in) / static_cast<float>(out)) - 0.5F;
}

}  // namespace

Function function_of(const ops::Resize& op, const Spec& spec) {
  using In = ops::Resize::In;
  using Out = ops::Resize::Out;
  const WindowExtents e = window_extents(spec, spec.in(In::x).shape, spec.out(Out::y).shape);
  return [=, interpolation = op.interpolation](const RunContext&, Inputs inputs, Outputs outputs) {
    for_each_output(e, [&](std::int64_t n, std::int64_t oy, std::int64_t ox, std::int64_t c, std::size_t i) {
      const Image image = image_of(e, in(inputs, In::x), n, 0);
      const float y = resized(oy, e.h, e.oh);
      const float x = resized(ox, e.w, e.ow);
      if (interpolation == ops::Interpolation::nearest) {
        const auto row = static_cast<std::int64_t>(std::floor(y + 0.5F));
        const auto column = static_cast<std::int64_t>(std::floor(x + 0.5F));
        out(outputs, Out::y)[i] = image.at(std::min(row, e.h - 1), std::min(column, e.w - 1), c);
      } else {
        out(outputs, Out::y)[i] = image.bilinear(std::clamp(y, 0.0F, static_cast<float>(e.h - 1)),
                                                 std::clamp(x, 0.0F, static_cast<float>(e.w - 1)), c);
      }
    });
  };
}

Function function_of(const ops::ResizeBackward& op, const Spec& spec) {
  using In = ops::ResizeBackward::In;
  using Out = ops::ResizeBackward::Out;
  const WindowExtents e = window_extents(spec, spec.out(Out::dx).shape, spec.in(In::dy).shape);
  return [=, interpolation = op.interpolation](const RunContext&, Inputs inputs, Outputs outputs) {
    std::vector<double> sums(elements_of(e), 0.0);
    const auto sum_at = [&](std::int64_t n, std::int64_t y, std::int64_t x, std::int64_t c) -> double& {
      return sums[static_cast<std::size_t>(
          ((n * e.h + std::min(y, e.h - 1)) * e.w + std::min(x, e.w - 1)) * e.c + c)];
    };
    for_each_output(e, [&](std::int64_t n, std::int64_t oy, std::int64_t ox, std::int64_t c, std::size_t i) {
      const float y = resized(oy, e.h, e.oh);
      const float x = resized(ox, e.w, e.ow);
      const double dy = in(inputs, In::dy)[i];
      if (interpolation == ops::Interpolation::nearest) {
        sum_at(n, static_cast<std::int64_t>(std::floor(y + 0.5F)),
               static_cast<std::int64_t>(std::floor(x + 0.5F)), c) += dy;
        return;
      }
      const float inside_y = std::clamp(y, 0.0F, static_cast<float>(e.h - 1));
      const float inside_x = std::clamp(x, 0.0F, static_cast<float>(e.w - 1));
      const auto top = static_cast<std::int64_t>(inside_y);
      const auto left = static_cast<std::int64_t>(inside_x);
      const double down = inside_y - static_cast<float>(top);
      const double right = inside_x - static_cast<float>(left);
      sum_at(n, top, left, c) += dy * (1 - down) * (1 - right);
      sum_at(n, top, left + 1, c) += dy * (1 - down) * right;
      sum_at(n, top + 1, left, c) += dy * down * (1 - right);
      sum_at(n, top + 1, left + 1, c) += dy * down * right;
    });
    std::transform(sums.begin(), sums.end(), out(outputs, Out::dx),
                   [](double sum) { return static_cast<float>(sum); });
  };
}

Function function_of(const ops::RandomTransform& op, const Spec& spec) {
  using In = ops::RandomTransform::In;
  using Out = ops::RandomTransform::Out;
  const Shape shape = spec.in(In::x).shape;
  const WindowExtents e = window_extents(spec, shape, spec.out(Out::y).shape);
  return [=](const RunContext& context, Inputs inputs, Outputs outputs) {
    for_each_output(e, [&](std::int64_t n, std::int64_t oy, std::int64_t ox, std::int64_t c, std::size_t i) {
      const AffineMap map = draw_map(op, context, static_cast<std::size_t>(n), shape);
      const auto out_x = static_cast<double>(ox);
      const auto out_y = static_cast<double>(oy);
      const auto x = static_cast<float>(map.xx * out_x + map.xy * out_y + map.x0);
      const auto y = static_cast<float>(map.yx * out_x + map.yy * out_y + map.y0);
      const Image image = image_of(e, in(inputs, In::x), n, op.fill_value);
      const float in_y = map_coordinate(op.fill_mode, y, e.h);
      const float in_x = map_coordinate(op.fill_mode, x, e.w);
      const float pixel = op.interpolation == ops::Interpolation::nearest ? image.nearest(in_y, in_x, c)
                                                                          : image.bilinear(in_y, in_x, c);
      const float* scale = in(inputs, In::scale);
      out(outputs, Out::y)[i] = scale != nullptr ? pixel * scale[c] + in(inputs, In::shift)[c] : pixel;
    });
  };
}

Function function_of(const ops::RandomContrast& op, const Spec& spec) {
  using In = ops::RandomContrast::In;
  using Out = ops::RandomContrast::Out;
  const WindowExtents e = window_extents(spec, spec.in(In::x).shape, spec.out(Out::y).shape);
  return [=](const RunContext& context, Inputs inputs, Outputs outputs) {
    // The output may be written over the input: each mean is computed before.
    const std::int64_t pixels = e.h * e.w;
    for (std::int64_t n = 0; n < e.n; ++n) {
      const float factor = draw_factor(op, context, static_cast<std::size_t>(n));
      for (std::int64_t c = 0; c < e.c; ++c) {
        const float* x = in(inputs, In::x) + n * pixels * e.c + c;
        float* result = out(outputs, Out::y) + n * pixels * e.c + c;
        double sum = 0;
        for (std::int64_t p = 0; p < pixels; ++p) sum += x[p * e.c];
        const auto mean = static_cast<float>(sum / static_cast<double>(pixels));
        for (std::int64_t p = 0; p < pixels; ++p) {
          const float y = (x[p * e.c] - mean) * factor + mean;
          result[p * e.c] = std::clamp(y, op.value_range.low, op.value_range.high);
        }
      }
    }
  };
}

Function function_of(const ops::RandomBrightness& op, const Spec& spec) {
  using In = ops::RandomBrightness::In;
  using Out = ops::RandomBrightness::Out;
  const WindowExtents e = window_extents(spec, spec.in(In::x).shape, spec.out(Out::y).shape);
  return [=](const RunContext& context, Inputs inputs, Outputs outputs) {
    for_each_output(e, [&](std::int64_t n, std::int64_t, std::int64_t, std::int64_t, std::size_t i) {
      const float y = in(inputs, In::x)[i] + draw_delta(op, context, static_cast<std::size_t>(n));
      out(outputs, Out::y)[i] = std::clamp(y, op.value_range.low, op.value_range.high);
    });
  };
}

}  // namespace graft::kernels::reference_detail
