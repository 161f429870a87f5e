// SPDX-License-Identifier: Apache-2.0
// Pillow's Image.resize of 8-bit pictures, bit by bit: weights as whole numbers, and the picture rounded to 8
// bits between the two directions. Formulas: Pillow's src/libImaging/Resample.c.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "graft/base/fail.hpp"

#include "data/resize/resize_internal.hpp"

namespace graft::data {
namespace {

/// Binary digits of a weight after the point.
constexpr int kDigits = 32 - 8 - 2;
constexpr std::int32_t kHalf = std::int32_t{1} << (kDigits - 1);

double pillow_support(ResizeMethod filter) {
  switch (filter) {
    case ResizeMethod::area:
      return 0.5;
    case ResizeMethod::bilinear:
      return 1;
    case ResizeMethod::bicubic:
      return 2;
    case ResizeMethod::lanczos3:
      return 3;
    default:
      fail(ErrorKind::invalid_argument, "pillow: it has no interpolation ", to_string(filter),
           "; expected nearest, bilinear, bicubic, area or lanczos3");
  }
}

double sinc(double x) { return x == 0 ? 1 : std::sin(x * std::numbers::pi) / (x * std::numbers::pi); }

double pillow_filter(ResizeMethod filter, double x) {
  if (filter == ResizeMethod::area) return x > -0.5 && x <= 0.5 ? 1 : 0;
  if (filter == ResizeMethod::lanczos3) return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
  x = std::abs(x);
  if (filter == ResizeMethod::bilinear) return x < 1 ? 1 - x : 0;
  constexpr double kA = -0.5;  // Keys' cubic
  if (x < 1) return ((kA + 2) * x - (kA + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * kA : 0;
}

std::uint8_t to_pixel(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kDigits, 0, 255));
}

}  // namespace

WholeTaps pillow_taps(ResizeMethod filter, std::int64_t in, std::int64_t out) {
  WholeTaps taps;
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double widened = std::max(scale, 1.0);
  const double support = pillow_support(filter) * widened;
  std::vector<double> weights;
  for (std::int64_t i = 0; i < out; ++i) {
    const double center = (static_cast<double>(i) + 0.5) * scale;
    const double begin = center - support + 0.5, behind = center + support + 0.5;  // truncated as Pillow does
    const std::int64_t first = std::max<std::int64_t>(0, static_cast<std::int64_t>(begin));
    const std::int64_t end = std::min(in, static_cast<std::int64_t>(behind));
    weights.clear();
    double sum = 0;
    for (std::int64_t k = first; k < end; ++k) {
      weights.push_back(pillow_filter(filter, (static_cast<double>(k) - center + 0.5) * (1 / widened)));
      sum += weights.back();
    }
    taps.spans.push_back({.first = first, .offset = taps.weights.size(), .count = end - first});
    for (double weight : weights) {
      if (sum != 0) weight /= sum;
      weight *= std::int32_t{1} << kDigits;
      taps.weights.push_back(static_cast<std::int32_t>(weight + (weight < 0 ? -0.5 : 0.5)));
    }
  }
  return taps;
}

void resize_pillow(const Source<std::uint8_t>& source, const Target& target, const WholeTaps& down,
                   const WholeTaps& right) {
  const std::int64_t channels = source.channels;
  const std::int64_t top = down.spans.front().first;
  const std::int64_t end = down.spans.back().first + down.spans.back().count;
  const std::int64_t row_size = target.width * channels;
  std::vector<std::uint8_t> rows(static_cast<std::size_t>((end - top) * row_size));
  for (std::int64_t y = top; y < end; ++y) {
    const std::uint8_t* from = source.row(y);
    std::uint8_t* to = rows.data() + (y - top) * row_size;
    for (std::int64_t x = 0; x < target.width; ++x) {
      const Taps::Span& span = right.spans[static_cast<std::size_t>(x)];
      for (std::int64_t c = 0; c < channels; ++c) {
        std::int32_t sum = kHalf;
        for (std::int64_t k = 0; k < span.count; ++k)
          sum += from[(span.first + k) * channels + c] *
                 right.weights[span.offset + static_cast<std::size_t>(k)];
        to[x * channels + c] = to_pixel(sum);
      }
    }
  }
  std::vector<std::int32_t> sums(static_cast<std::size_t>(row_size));
  for (std::int64_t y = 0; y < target.height; ++y) {
    const Taps::Span& span = down.spans[static_cast<std::size_t>(y)];
    std::ranges::fill(sums, kHalf);
    for (std::int64_t k = 0; k < span.count; ++k) {
      const std::uint8_t* from = rows.data() + (span.first + k - top) * row_size;
      const std::int32_t weight = down.weights[span.offset + static_cast<std::size_t>(k)];
      for (std::int64_t i = 0; i < row_size; ++i) sums[static_cast<std::size_t>(i)] += from[i] * weight;
    }
    for (std::int64_t i = 0; i < row_size; ++i)
      target.row(y)[i] = to_pixel(sums[static_cast<std::size_t>(i)]);
  }
}

}  // namespace graft::data
