// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/explain.hpp"

namespace graft::inspect {
namespace {

using Colour = std::array<double, 3>;

/// Dark violet, magenta, orange, yellow: brighter with heat, also for eyes that do not tell red from green.
constexpr std::array<Colour, 4> kHeatColours{{{48, 12, 110}, {190, 40, 120}, {250, 130, 40}, {255, 240, 90}}};
constexpr double kMostOpaque = 0.7;

Colour heat_colour(double heat) {
  const double at = std::clamp(heat, 0.0, 1.0) * static_cast<double>(kHeatColours.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(at), kHeatColours.size() - 2);
  const double part = at - static_cast<double>(below);
  Colour colour{};
  for (std::size_t c = 0; c < colour.size(); ++c)
    colour[c] = (1 - part) * kHeatColours[below][c] + part * kHeatColours[below + 1][c];
  return colour;
}

/// How much of a colour is laid over a photo, and what is added then.
struct Paint {
  float kept = 1;
  std::array<float, 3> added{};
};

constexpr std::size_t kShades = 1024;

/// The paint of kShades + 1 heats from 0 to 1; a heat takes that of the next lower one.
std::vector<Paint> paints() {
  std::vector<Paint> all;
  for (std::size_t i = 0; i <= kShades; ++i) {
    const double heat = static_cast<double>(i) / static_cast<double>(kShades);
    const double opaque = kMostOpaque * std::sqrt(heat);
    const Colour colour = heat_colour(heat);
    Paint paint{.kept = static_cast<float>(1 - opaque)};
    for (std::size_t c = 0; c < colour.size(); ++c)
      paint.added[c] = static_cast<float>(opaque * colour[c] + 0.5);  // 0.5: to the nearest whole number
    all.push_back(paint);
  }
  return all;
}

/// Between which two rows or columns of a heat map a pixel is.
struct Between {
  bool inside = false;
  std::size_t first = 0, second = 0;
  float part = 0;  ///< of the second
};

/// For each pixel along a side of a photo, of which the heat map shows `length` from `begin` on (shares of
/// the side).
std::vector<Between> places(std::int64_t pixels, double begin, double length, std::int64_t cells) {
  std::vector<Between> all(static_cast<std::size_t>(pixels));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double at = ((static_cast<double>(i) + 0.5) / static_cast<double>(pixels) - begin) / length;
    if (at < 0 || at > 1) continue;
    const double cell =
        std::clamp(at * static_cast<double>(cells) - 0.5, 0.0, static_cast<double>(cells - 1));
    const auto first = static_cast<std::size_t>(cell);
    all[i] = {.inside = true,
              .first = first,
              .second = std::min(first + 1, static_cast<std::size_t>(cells - 1)),
              .part = static_cast<float>(cell - static_cast<double>(first))};
  }
  return all;
}

}  // namespace

Tensor overlay(const Tensor& photo, const Explanation& explanation) {
  if (photo.shape().rank() != 3 || photo.shape()[2] != 3 || photo.dtype() != DType::uint8) {
    fail(ErrorKind::shape_mismatch, "overlay: expected a photo uint8 (H, W, 3), received ",
         to_string(photo.dtype()), " ", photo.shape());
  }
  Tensor result = photo.clone();
  const PhotoRegion& region = explanation.region;
  const Tensor& heat_map = explanation.heat_map;
  const auto columns = static_cast<std::size_t>(heat_map.shape()[1]);
  const std::vector<Between> down = places(photo.shape()[0], region.top, region.height, heat_map.shape()[0]);
  const std::vector<Between> across =
      places(photo.shape()[1], region.left, region.width, heat_map.shape()[1]);
  const std::vector<Paint> paint = paints();
  std::vector<float> row(columns);
  std::uint8_t* pixel = result.data<std::uint8_t>().data();
  for (const Between& y : down) {
    if (!y.inside) {  // beyond what the network sees
      pixel += across.size() * 3;
      continue;
    }
    const float* above = heat_map.data().data() + y.first * columns;
    const float* below = heat_map.data().data() + y.second * columns;
    for (std::size_t x = 0; x < columns; ++x) row[x] = (1 - y.part) * above[x] + y.part * below[x];
    for (const Between& x : across) {
      const float heat = x.inside ? (1 - x.part) * row[x.first] + x.part * row[x.second] : 0;
      const float shade = std::min(std::max(0.0F, heat), 1.0F);  // 0 where the heat is not a number
      const Paint& with = paint[static_cast<std::size_t>(shade * static_cast<float>(kShades))];
      for (std::size_t c = 0; c < with.added.size(); ++c, ++pixel)
        *pixel = static_cast<std::uint8_t>(static_cast<int>(with.kept * *pixel + with.added[c]));
    }
  }
  return result;
}

}  // namespace graft::inspect
