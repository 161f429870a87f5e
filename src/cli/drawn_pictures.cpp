// SPDX-License-Identifier: Apache-2.0
#include "cli/drawn_pictures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>
#include <vector>

#include "graft/base/random.hpp"

namespace graft::cli {
namespace {

/// Of the shorter side.
constexpr double kLeastRadius = 0.01, kLargestRadius = 0.4;
/// Discs are drawn until their areas together are this many pictures.
constexpr double kLayers = 3;
/// What the channels of a disc have in common; the rest is its colour.
constexpr double kGrey = 0.7;

/// One picture and what its discs are like.
class DiscPainter {
 public:
  DiscPainter(Tensor picture, Rng& random)
      : picture_(std::move(picture)),
        random_(random),
        dark_(random.uniform(0, 100)),
        light_(random.uniform(155, 256)) {}

  void paint() {
    const auto height = static_cast<double>(picture_.shape()[0]),
               width = static_cast<double>(picture_.shape()[1]);
    const double side = std::min(height, width);
    fill_all();
    for (double covered = 0; covered < kLayers * height * width;) {
      // Radii by the density r^-3: all sizes cover as much.
      constexpr double kRatio = kLeastRadius / kLargestRadius;
      const double radius =
          side * kLeastRadius / std::sqrt(1 - random_.uniform(0, 1) * (1 - kRatio * kRatio));
      const double y = random_.uniform(0, height);
      const double x = random_.uniform(0, width);
      paint_disc(y, x, radius);
      covered += std::numbers::pi * radius * radius;
    }
  }

 private:
  [[nodiscard]] std::vector<float> color() {
    const double grey = random_.uniform(0, 1);
    std::vector<float> channels(static_cast<std::size_t>(picture_.shape()[2]));
    for (float& channel : channels) {
      const double level = kGrey * grey + (1 - kGrey) * random_.uniform(0, 1);
      channel = static_cast<float>(std::floor(dark_ + (light_ - dark_) * level));
    }
    return channels;
  }

  void paint_row(std::int64_t row, std::int64_t begin, std::int64_t end, const std::vector<float>& channels) {
    for (std::int64_t column = begin; column < end; ++column) {
      const auto at = static_cast<std::size_t>((row * picture_.shape()[1]) + column) * channels.size();
      std::ranges::copy(channels, picture_.data().subspan(at).begin());
    }
  }

  void fill_all() {
    const std::vector<float> channels = color();
    for (std::int64_t row = 0; row < picture_.shape()[0]; ++row)
      paint_row(row, 0, picture_.shape()[1], channels);
  }

  void paint_disc(double y, double x, double radius) {
    const std::vector<float> channels = color();
    const auto place = [](double value, std::int64_t size) {
      return std::clamp(static_cast<std::int64_t>(std::ceil(value)), std::int64_t{0}, size);
    };
    for (std::int64_t row = place(y - radius, picture_.shape()[0]);
         row < place(y + radius, picture_.shape()[0]); ++row) {
      const double away = static_cast<double>(row) - y;
      const double half = std::sqrt(std::max(radius * radius - away * away, 0.0));
      paint_row(row, place(x - half, picture_.shape()[1]), place(x + half, picture_.shape()[1]), channels);
    }
  }

  Tensor picture_;
  Rng& random_;
  double dark_, light_;
};

}  // namespace

Tensor drawn_pictures(const Shape& shape) {
  Tensor pictures(shape);
  Rng random(1);
  for (std::int64_t i = 0; i < shape[0]; ++i)
    DiscPainter(pictures.slice(i, i + 1).reshape(shape.without_batch()), random).paint();
  return pictures;
}

}  // namespace graft::cli
