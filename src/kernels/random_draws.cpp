// SPDX-License-Identifier: Apache-2.0
#include "kernels/random_draws.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "graft/base/random.hpp"

namespace graft::kernels {
namespace {

std::uint64_t run_key(const RunContext& context, std::uint64_t op_seed) {
  return mix64(mix64(mix64(context.seed) + context.step) + op_seed);
}

double draw(Rng& rng, const ops::Bounds& range) { return rng.uniform(range.low, range.high); }

/// First by `first`, then by `second`.
AffineMap chain(const AffineMap& first, const AffineMap& second) {
  return {.xx = second.xx * first.xx + second.xy * first.yx,
          .xy = second.xx * first.xy + second.xy * first.yy,
          .x0 = second.xx * first.x0 + second.xy * first.y0 + second.x0,
          .yx = second.yx * first.xx + second.yy * first.yx,
          .yy = second.yx * first.xy + second.yy * first.yy,
          .y0 = second.yx * first.x0 + second.yy * first.y0 + second.y0};
}

/// -1 or 1; the number is drawn even if it is not used.
double draw_flip(Rng& rng, bool wanted) { return rng.uniform() < 0.5 && wanted ? -1 : 1; }

}  // namespace

AffineMap draw_map(const ops::RandomTransform& op, const RunContext& context, std::size_t sample,
                   const Shape& image) {
  const auto height = static_cast<double>(image[-3]);
  const auto width = static_cast<double>(image[-2]);
  // Every number is drawn whether it is used or not, so that one part's draw does not move the others'.
  Rng rng(run_key(context, op.seed), context.first_sample + sample);
  double flip_x = draw_flip(rng, op.flip_horizontal);
  double flip_y = draw_flip(rng, op.flip_vertical);
  const double angle = draw(rng, op.angle) * 2 * std::numbers::pi;
  const double zoom_y = 1 + draw(rng, op.zoom_height);
  const double own_zoom_x = 1 + draw(rng, op.zoom_width);
  const double zoom_x = op.zoom_keeps_ratio ? zoom_y : own_zoom_x;
  const double down = draw(rng, op.shift_height) * height;
  const double right = draw(rng, op.shift_width) * width;

  const double center_x = (width - 1) / 2;
  const double center_y = (height - 1) / 2;
  if (op.flip_before) {
    Rng before(run_key(context, op.flip_before->seed), context.first_sample + sample);
    flip_x *= draw_flip(before, op.flip_before->horizontal);
    flip_y *= draw_flip(before, op.flip_before->vertical);
  }
  // From output to input: undo the shift (and make the centre the origin), the zoom, the turn, the flips.
  AffineMap map{.x0 = -right - center_x, .y0 = -down - center_y};
  map = chain(map, {.xx = zoom_x, .yy = zoom_y});
  const double cosine = std::cos(angle);
  const double sine = std::sin(angle);
  map = chain(map, {.xx = cosine, .xy = -sine, .yx = sine, .yy = cosine});
  return chain(map, {.xx = flip_x, .x0 = center_x, .yy = flip_y, .y0 = center_y});
}

Corner draw_corner(const ops::RandomCrop& op, const RunContext& context, std::int64_t rows,
                   std::int64_t columns) {
  Rng rng(run_key(context, op.seed));
  const std::uint64_t row = rng.below(static_cast<std::uint64_t>(rows) + 1);
  const std::uint64_t column = rng.below(static_cast<std::uint64_t>(columns) + 1);
  return {static_cast<std::int64_t>(row), static_cast<std::int64_t>(column)};
}

float draw_factor(const ops::RandomContrast& op, const RunContext& context, std::size_t sample) {
  Rng rng(run_key(context, op.seed), context.first_sample + sample);
  return static_cast<float>(draw(rng, op.factor));
}

float draw_delta(const ops::RandomBrightness& op, const RunContext& context, std::size_t sample) {
  Rng rng(run_key(context, op.seed), context.first_sample + sample);
  return static_cast<float>(draw(rng, op.delta) * (op.value_range.high - op.value_range.low));
}

float map_coordinate(ops::FillMode mode, float coordinate, std::int64_t size) {
  const auto extent = static_cast<float>(size);
  const float last = extent - 1;
  if (mode == ops::FillMode::constant || (coordinate >= 0 && coordinate <= last)) return coordinate;
  if (mode == ops::FillMode::reflect && size > 1) {
    const float period = 2 * extent;
    coordinate -= period * std::floor(coordinate / period);
    if (coordinate > extent - 0.5F) coordinate = period - 1 - coordinate;
  } else if (mode == ops::FillMode::wrap && size > 1) {
    // TensorFlow counts whole turns by size - 1, which leaves a coordinate between the last pixel and the
    // first of the next turn at the last pixel.
    coordinate += coordinate < 0 ? extent * (std::trunc(-coordinate / last) + 1)
                                 : -extent * std::trunc(coordinate / last);
  }
  return std::clamp(coordinate, 0.0F, last);
}

float draw_normal(const ops::GaussianNoise& op, const RunContext& context, std::size_t i) {
  Rng rng(run_key(context, op.seed), i);
  return static_cast<float>(rng.normal());
}

Shape drawn_shape(const ops::Dropout& op, const Shape& x) {
  Shape shape = x;
  for (std::size_t axis = 0; axis < x.rank() && axis < 32; ++axis) {
    if ((op.shared_axes >> axis & 1U) != 0) shape.set(static_cast<int>(axis), 1);
  }
  return shape;
}

DropoutMask::DropoutMask(const ops::Dropout& op, const RunContext& context)
    : key_before(static_cast<std::uint32_t>(run_key(context, op.seed))),
      key_after(static_cast<std::uint32_t>(run_key(context, op.seed) >> 32U)),
      threshold(static_cast<std::uint32_t>(
          std::ceil(std::clamp(static_cast<double>(op.rate), 0.0, 1.0) * (1U << 24U)))) {}

}  // namespace graft::kernels
