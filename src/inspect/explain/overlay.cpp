// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>

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

/// The heat map at a position in shares of its height and width, between its pixels linearly; 0 outside.
double heat_at(const Tensor& heat_map, double y, double x) {
  if (y < 0 || y > 1 || x < 0 || x > 1) return 0;
  const std::int64_t rows = heat_map.shape()[0];
  const std::int64_t columns = heat_map.shape()[1];
  const double row = std::clamp(y * static_cast<double>(rows) - 0.5, 0.0, static_cast<double>(rows - 1));
  const double column =
      std::clamp(x * static_cast<double>(columns) - 0.5, 0.0, static_cast<double>(columns - 1));
  const auto above = static_cast<std::int64_t>(row);
  const auto left = static_cast<std::int64_t>(column);
  const auto value = [&](std::int64_t r, std::int64_t c) {
    const std::int64_t at = std::min(r, rows - 1) * columns + std::min(c, columns - 1);
    return static_cast<double>(heat_map.data()[static_cast<std::size_t>(at)]);
  };
  const double down = row - static_cast<double>(above);
  const double across = column - static_cast<double>(left);
  return (1 - down) * ((1 - across) * value(above, left) + across * value(above, left + 1)) +
         down * ((1 - across) * value(above + 1, left) + across * value(above + 1, left + 1));
}

}  // namespace

Tensor overlay(const Tensor& photo, const Explanation& explanation) {
  if (photo.shape().rank() != 3 || photo.shape()[2] != 3 || photo.dtype() != DType::uint8) {
    fail(ErrorKind::shape_mismatch, "overlay: expected a photo uint8 (H, W, 3), received ",
         to_string(photo.dtype()), " ", photo.shape());
  }
  Tensor result = photo.clone();
  const PhotoRegion& region = explanation.region;
  const std::span<std::uint8_t> pixels = result.data<std::uint8_t>();
  const std::int64_t height = photo.shape()[0];
  const std::int64_t width = photo.shape()[1];
  for (std::int64_t y = 0; y < height; ++y) {
    const double down =
        ((static_cast<double>(y) + 0.5) / static_cast<double>(height) - region.top) / region.height;
    for (std::int64_t x = 0; x < width; ++x) {
      const double across =
          ((static_cast<double>(x) + 0.5) / static_cast<double>(width) - region.left) / region.width;
      const double heat = heat_at(explanation.heat_map, down, across);
      const double opaque = kMostOpaque * std::sqrt(std::clamp(heat, 0.0, 1.0));
      const Colour colour = heat_colour(heat);
      for (std::size_t c = 0; c < colour.size(); ++c) {
        std::uint8_t& value = pixels[static_cast<std::size_t>((y * width + x) * 3) + c];
        value = static_cast<std::uint8_t>(std::lround((1 - opaque) * value + opaque * colour[c]));
      }
    }
  }
  return result;
}

}  // namespace graft::inspect
