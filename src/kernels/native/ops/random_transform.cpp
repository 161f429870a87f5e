// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>

#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/random_draws.hpp"
#include "kernels/thread_scratch.hpp"
#include "kernels/vectors/convert.hpp"
#include "kernels/vectors/loops.hpp"

namespace graft::kernels::native_detail {
namespace {

/// Four neighbouring floats: a pixel of three channels and the next one's first; and eight.
using Quad [[gnu::vector_size(16)]] = float;
using Eight [[gnu::vector_size(32)]] = float;

[[gnu::always_inline]] inline void load(const float* from, Eight& eight) {
  std::memcpy(&eight, from, sizeof(eight));
}

/// One output row of one sample: pixel i looks at (x + i dx, y + i dy) of the image.
struct Row {
  const float* image;
  float* out;
  std::int64_t h, w, c;
  double x, dx, y, dy;
};

/// The i in [0, count) for which low <= start + i step <= high, rounded inwards.
struct Interval {
  std::int64_t begin, end;
};
Interval where_inside(double start, double step, double high, std::int64_t count) {
  if (high < 0) return {0, 0};
  if (std::abs(step) < 1e-9) {
    const double last = start + step * static_cast<double>(count);
    return {0, std::min(start, last) >= 0 && std::max(start, last) <= high ? count : 0};
  }
  const double a = (0 - start) / step;
  const double b = (high - start) / step;
  const auto limit = static_cast<double>(count);
  // A pixel is left to the careful path at each end, so that float coordinates stay inside as well.
  const double begin = std::clamp(std::ceil(std::min(a, b)) + 1, 0.0, limit);
  const double end = std::clamp(std::floor(std::max(a, b)), 0.0, limit);
  return {static_cast<std::int64_t>(begin),
          std::max(static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end))};
}

/// Any pixel, any number of channels.
void careful_pixel(const ops::RandomTransform& op, const Row& row, std::int64_t i) {
  const auto raw_x = static_cast<float>(row.x + static_cast<double>(i) * row.dx);
  const auto raw_y = static_cast<float>(row.y + static_cast<double>(i) * row.dy);
  float x = map_coordinate(op.fill_mode, raw_x, row.w);
  float y = map_coordinate(op.fill_mode, raw_y, row.h);
  if (op.interpolation == ops::Interpolation::nearest) {
    x = std::round(x);
    y = std::round(y);
  }
  const float left = std::floor(x);
  const float top = std::floor(y);
  const float right_weight = x - left;
  const float lower_weight = y - top;
  const auto pixel = [&](float py, float px) -> const float* {
    if (!(py >= 0 && py < static_cast<float>(row.h) && px >= 0 && px < static_cast<float>(row.w)))
      return nullptr;
    return row.image + (static_cast<std::int64_t>(py) * row.w + static_cast<std::int64_t>(px)) * row.c;
  };
  const float* taps[4] = {pixel(top, left), pixel(top, left + 1), pixel(top + 1, left),
                          pixel(top + 1, left + 1)};
  for (std::int64_t c = 0; c < row.c; ++c) {
    const auto value = [&](int tap) { return taps[tap] != nullptr ? taps[tap][c] : op.fill_value; };
    const float upper = value(0) * (1 - right_weight) + value(1) * right_weight;
    const float lower = value(2) * (1 - right_weight) + value(3) * right_weight;
    row.out[i * row.c + c] = upper * (1 - lower_weight) + lower * lower_weight;
  }
}

/// An output pixel from the four neighbours of a place inside, three channels: two rows of two pixels, each
/// one load of eight floats. So the pixel after the next must be inside too, and as four floats are written,
/// the next output pixel must be written afterwards.
[[gnu::always_inline]] inline void blend(const float* from, std::int64_t stride, float right_weight,
                                         float lower_weight, float* out) {
  Eight upper;
  Eight lower;
  load(from, upper);
  load(from + stride, lower);
  const Eight both = upper + (lower - upper) * lower_weight;
  const Quad left = __builtin_shufflevector(both, both, 0, 1, 2, 3);
  const Quad right = __builtin_shufflevector(both, both, 3, 4, 5, 6);
  const Quad result = left + (right - left) * right_weight;
  std::memcpy(out, &result, sizeof(result));
}

[[gnu::always_inline]] inline void quad_pixel(const Row& row, std::int64_t i, float x, float y) {
  const auto left = static_cast<std::int32_t>(x);
  const auto top = static_cast<std::int32_t>(y);
  const std::int64_t stride = row.w * 3;
  blend(row.image + top * stride + static_cast<std::int64_t>(left) * 3, stride, x - static_cast<float>(left),
        y - static_cast<float>(top), row.out + i * 3);
}

/// Pixels [begin, end) that look inside the image.
GRAFT_CLONES void inner_pixels(const Row& row, const Interval& range) {
  const auto x0 = static_cast<float>(row.x);
  const auto y0 = static_cast<float>(row.y);
  const auto dx = static_cast<float>(row.dx);
  const auto dy = static_cast<float>(row.dy);
  // Places and weights of some pixels first, as vectors.
  constexpr std::int64_t kPixels = 16;
  const auto stride = static_cast<std::int32_t>(row.w * 3);
  std::int32_t at[kPixels];
  float right[kPixels];
  float lower[kPixels];
  for (std::int64_t begin = range.begin; begin < range.end; begin += kPixels) {
    const std::int64_t count = std::min(kPixels, range.end - begin);
    const auto first = static_cast<std::int32_t>(begin);
    for (std::int32_t k = 0; k < kPixels; ++k) {
      const float x = x0 + static_cast<float>(first + k) * dx;
      const float y = y0 + static_cast<float>(first + k) * dy;
      const auto left = static_cast<std::int32_t>(x);
      const auto top = static_cast<std::int32_t>(y);
      at[k] = top * stride + left * 3;
      right[k] = x - static_cast<float>(left);
      lower[k] = y - static_cast<float>(top);
    }
    for (std::int64_t k = 0; k < count; ++k)
      blend(row.image + at[k], stride, right[k], lower[k], row.out + (begin + k) * 3);
  }
}

/// A coordinate at most one extent outside, mirrored about the edge.
[[gnu::always_inline]] inline float mirror_once(float at, float extent) {
  const float positive = at < 0 ? -1 - at : at;
  return positive > extent - 0.5F ? 2 * extent - 1 - positive : positive;
}

/// Pixels [begin, end), most of which look at the mirrored image around the image.
GRAFT_CLONES void mirrored_pixels(const ops::RandomTransform& op, const Row& row, const Interval& range) {
  const auto w = static_cast<float>(row.w);
  const auto h = static_cast<float>(row.h);
  for (std::int64_t i = range.begin; i < range.end; ++i) {
    const float x = mirror_once(static_cast<float>(row.x + static_cast<double>(i) * row.dx), w);
    const float y = mirror_once(static_cast<float>(row.y + static_cast<double>(i) * row.dy), h);
    if (x >= 0 && x < w - 2 && y >= 0 && y < h - 1) {
      quad_pixel(row, i, x, y);
    } else {
      careful_pixel(op, row, i);
    }
  }
}

void outer_pixels(const ops::RandomTransform& op, const Row& row, const Interval& range) {
  for (std::int64_t i = range.begin; i < range.end; ++i) careful_pixel(op, row, i);
}

/// Fetches an image in order. A rotated row of the output walks across it, against the order of memory, where
/// each step would wait for another cache line.
void fetch(const float* image, std::int64_t count) {
  constexpr std::int64_t kCacheLine = 16;             // floats
  constexpr std::int64_t kSecondLevelCache = 200000;  // floats; more would push each other out
  for (std::int64_t i = 0; i < std::min(count, kSecondLevelCache); i += kCacheLine)
    __builtin_prefetch(image + i);
}

/// A row that looks at whole pixels one after the other (a flip, or nothing at all) is copied, for the same
/// result. False where it is not such a row.
bool copy_row(const Row& row, std::int64_t count) {
  const double last = row.x + row.dx * static_cast<double>(count - 1);
  const auto right = static_cast<double>(row.w - 1);
  const bool whole = row.dy == 0 && std::abs(row.dx) == 1 && row.x == std::floor(row.x) &&
                     row.y == std::floor(row.y) && row.y >= 0 && row.y < static_cast<double>(row.h) &&
                     std::min(row.x, last) >= 0 && std::max(row.x, last) <= right;
  if (!whole) return false;
  const float* from =
      row.image + (static_cast<std::int64_t>(row.y) * row.w + static_cast<std::int64_t>(row.x)) * row.c;
  if (row.dx > 0) {
    std::copy_n(from, count * row.c, row.out);
    return true;
  }
  float* to = row.out;
  for (std::int64_t i = 0; i < count; ++i, from -= row.c, to += row.c) {
    for (std::int64_t c = 0; c < row.c; ++c) to[c] = from[c];
  }
  return true;
}

void transform_row(const ops::RandomTransform& op, const Row& row, std::int64_t count) {
  if (copy_row(row, count)) return;
  if (row.c != 3 || op.interpolation != ops::Interpolation::bilinear)
    return outer_pixels(op, row, {0, count});
  // The row's last pixel has none after it, which the quads read.
  const Interval in_x = where_inside(row.x, row.dx, static_cast<double>(row.w - 3), count - 1);
  const Interval in_y = where_inside(row.y, row.dy, static_cast<double>(row.h - 2), count - 1);
  Interval inner{std::max(in_x.begin, in_y.begin), std::min(in_x.end, in_y.end)};
  if (inner.begin >= inner.end) inner = {0, 0};
  const auto around = op.fill_mode == ops::FillMode::reflect ? mirrored_pixels : outer_pixels;
  around(op, row, {0, inner.begin});
  inner_pixels(row, inner);
  around(op, row, {inner.end, count - 1});
  careful_pixel(op, row, count - 1);
}

/// Rows of results on their way to the output.
class Rows {
 public:
  Rows(const WindowExtents& e, const MutableView& y, const vectors::ScaleAndShiftTiles::Pair* pair)
      : count_(static_cast<std::size_t>(e.ow * e.c)), y_(y), pair_(pair) {}

  /// Where row i is written as float32.
  [[nodiscard]] float* place(std::size_t i) const {
    if (is_rounded()) return thread_scratch<float>(count_);
    return y_.as<float>() + i * count_;
  }
  /// After row i has been written: scales it, and rounds it to the output's type.
  void finish(float* row, std::size_t i) const {
    if (pair_ != nullptr) vectors::scale_and_shift({&pair_->scale, &pair_->shift, {}}, row, row, count_);
    if (is_rounded()) vectors::to_bfloat16_block(row, y_.as<std::uint16_t>() + i * count_, count_);
  }

 private:
  [[nodiscard]] bool is_rounded() const { return y_.dtype == DType::bfloat16; }

  std::size_t count_;
  MutableView y_;
  const vectors::ScaleAndShiftTiles::Pair* pair_;  ///< null: left as they are
};

}  // namespace

Function function_of(const ops::RandomTransform& op, const Spec& spec) {
  using In = ops::RandomTransform::In;
  using Out = ops::RandomTransform::Out;
  const Shape shape = spec.in(In::x).shape;
  const WindowExtents e = window_extents(spec, shape, spec.out(Out::y).shape);
  return [op, shape, e, is_scaled = spec.has_in(In::scale),
          tiles = vectors::ScaleAndShiftTiles(channels(shape), spec.concurrency)](
             const RunContext& context, Inputs inputs, Outputs outputs) mutable {
    const float* x = in(inputs, In::x);
    const Rows rows(
        e, out_view(outputs, Out::y),
        is_scaled ? &tiles.set(context.thread, in(inputs, In::scale), in(inputs, In::shift)) : nullptr);
    parallel_for(static_cast<std::size_t>(e.n * e.oh), 8, [&](std::size_t begin, std::size_t end) {
      AffineMap map;
      std::int64_t sample = -1;
      for (auto i = static_cast<std::int64_t>(begin); i < static_cast<std::int64_t>(end); ++i) {
        if (i / e.oh != sample) {
          sample = i / e.oh;
          map = draw_map(op, context, static_cast<std::size_t>(sample), shape);
          fetch(x + sample * e.h * e.w * e.c, e.h * e.w * e.c);
        }
        const auto oy = static_cast<double>(i % e.oh);
        float* row = rows.place(static_cast<std::size_t>(i));
        transform_row(op,
                      {.image = x + sample * e.h * e.w * e.c,
                       .out = row,
                       .h = e.h,
                       .w = e.w,
                       .c = e.c,
                       .x = map.xy * oy + map.x0,
                       .dx = map.xx,
                       .y = map.yy * oy + map.y0,
                       .dy = map.yx},
                      e.ow);
        rows.finish(row, static_cast<std::size_t>(i));
      }
    });
  };
}

Function bf16_function_of(const ops::RandomTransform& op, const Spec& spec) {
  const auto is_low = [](const Argument& argument) { return argument.dtype == DType::bfloat16; };
  if (std::ranges::any_of(spec.inputs, is_low)) return {};
  return function_of(op, spec);
}

}  // namespace graft::kernels::native_detail
