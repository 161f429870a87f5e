// SPDX-License-Identifier: Apache-2.0
#include "data/augment/changes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace graft::data {
namespace {

constexpr float kMost = 255;

template <typename Change>
void each(PictureView& picture, const Change& change) {
  for (float& x : picture.pixels) x = std::clamp(change(x), 0.0F, kMost);
}

/// A coordinate mirrored about the edges -0.5 and size - 0.5 until it is inside, then at most on the last
/// pixel.
double mirrored(double coordinate, std::size_t size) {
  const auto extent = static_cast<double>(size);
  const double period = 2 * extent;
  const double place = coordinate + 0.5 - period * std::floor((coordinate + 0.5) / period);
  return std::clamp((place > extent ? period - place : place) - 0.5, 0.0, extent - 1);
}

/// A value between four pixels of one channel.
float between(const std::vector<float>& from, const PictureView& picture, double x, double y,
              std::size_t channel) {
  const auto left = static_cast<std::size_t>(x);
  const auto top = static_cast<std::size_t>(y);
  const std::size_t right = std::min(left + 1, picture.width - 1);
  const std::size_t bottom = std::min(top + 1, picture.height - 1);
  const auto over = static_cast<float>(x - static_cast<double>(left));
  const auto down = static_cast<float>(y - static_cast<double>(top));
  const auto row = [&](std::size_t at) {
    const float a = from[picture.at(at, left) + channel];
    return a + over * (from[picture.at(at, right) + channel] - a);
  };
  const float upper = row(top);
  return upper + down * (row(bottom) - upper);
}

std::size_t bin_of(float value) { return static_cast<std::size_t>(std::clamp(value, 0.0F, kMost)); }

}  // namespace

void transform(PictureView& picture, const Map& map) {
  const std::vector<float> from(picture.pixels.begin(), picture.pixels.end());
  for (std::size_t row = 0; row < picture.height; ++row) {
    for (std::size_t column = 0; column < picture.width; ++column) {
      const auto x = static_cast<double>(column);
      const auto y = static_cast<double>(row);
      const double from_x = mirrored(map.xx * x + map.xy * y + map.x0, picture.width);
      const double from_y = mirrored(map.yx * x + map.yy * y + map.y0, picture.height);
      for (std::size_t c = 0; c < picture.channels; ++c)
        picture.pixels[picture.at(row, column) + c] = between(from, picture, from_x, from_y, c);
    }
  }
}

Map rotation(const PictureView& picture, double turn) {
  const double angle = turn * 2 * std::numbers::pi;
  const double cosine = std::cos(angle);
  const double sine = std::sin(angle);
  const double x = (static_cast<double>(picture.width) - 1) / 2;
  const double y = (static_cast<double>(picture.height) - 1) / 2;
  return {.xx = cosine,
          .xy = -sine,
          .x0 = x - cosine * x + sine * y,
          .yx = sine,
          .yy = cosine,
          .y0 = y - sine * x - cosine * y};
}

void brighten(PictureView& picture, float delta) {
  each(picture, [=](float x) { return x + delta; });
}

void contrast(PictureView& picture, float factor) {
  for (std::size_t c = 0; c < picture.channels; ++c) {
    double mean = 0;
    for (std::size_t i = c; i < picture.pixels.size(); i += picture.channels) mean += picture.pixels[i];
    mean /= static_cast<double>(picture.height * picture.width);
    const auto middle = static_cast<float>(mean);
    for (std::size_t i = c; i < picture.pixels.size(); i += picture.channels)
      picture.pixels[i] = std::clamp((picture.pixels[i] - middle) * factor + middle, 0.0F, kMost);
  }
}

void fade(PictureView& picture, float share) {
  if (picture.channels != 3) return;
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
    float* rgb = &picture.pixels[i];
    const float grey = 0.2989F * rgb[0] + 0.5870F * rgb[1] + 0.1140F * rgb[2];
    for (int c = 0; c < 3; ++c) rgb[c] = std::clamp(rgb[c] + share * (grey - rgb[c]), 0.0F, kMost);
  }
}

void sharpen(PictureView& picture, float factor) {
  const std::vector<float> from(picture.pixels.begin(), picture.pixels.end());
  const auto value = [&](std::size_t row, std::size_t column, std::size_t c) {
    // Unsigned: above the first row or left of the first column is beyond the last.
    return row < picture.height && column < picture.width ? from[picture.at(row, column) + c] : 0.0F;
  };
  for (std::size_t row = 0; row < picture.height; ++row) {
    for (std::size_t column = 0; column < picture.width; ++column) {
      for (std::size_t c = 0; c < picture.channels; ++c) {
        float sum = 4 * value(row, column, c);
        for (std::size_t down = 0; down < 3; ++down) {
          for (std::size_t right = 0; right < 3; ++right) sum += value(row + down - 1, column + right - 1, c);
        }
        const float x = value(row, column, c);
        picture.pixels[picture.at(row, column) + c] =
            std::clamp(x + (1 - 2 * factor) * (sum / 13 - x), 0.0F, kMost);
      }
    }
  }
}

void posterise(PictureView& picture, int bits) {
  const int shift = 8 - std::clamp(bits, 1, 8);
  each(picture,
       [=](float x) { return static_cast<float>(static_cast<std::uint32_t>(bin_of(x)) >> shift << shift); });
}

void solarise(PictureView& picture, float addition, float threshold) {
  each(picture, [=](float x) {
    const float sum = std::clamp(x + addition, 0.0F, kMost);
    return sum < threshold ? sum : kMost - sum;
  });
}

void auto_contrast(PictureView& picture) {
  for (std::size_t c = 0; c < picture.channels; ++c) {
    float low = picture.pixels[c];
    float high = low;
    for (std::size_t i = c; i < picture.pixels.size(); i += picture.channels) {
      low = std::min(low, picture.pixels[i]);
      high = std::max(high, picture.pixels[i]);
    }
    if (high <= low) continue;
    const float scale = kMost / (high - low);
    for (std::size_t i = c; i < picture.pixels.size(); i += picture.channels)
      picture.pixels[i] = std::clamp((picture.pixels[i] - low) * scale, 0.0F, kMost);
  }
}

void equalise(PictureView& picture) {
  for (std::size_t c = 0; c < picture.channels; ++c) {
    std::array<std::size_t, 256> sums{};
    for (std::size_t i = c; i < picture.pixels.size(); i += picture.channels)
      ++sums[bin_of(picture.pixels[i])];
    const auto bins = std::ranges::count_if(sums, [](std::size_t count) { return count > 0; });
    if (bins <= 1) continue;
    std::size_t least = 0;
    for (std::size_t bin = 0; bin < sums.size(); ++bin) {
      if (bin > 0) sums[bin] += sums[bin - 1];
      if (least == 0) least = sums[bin];
    }
    const auto most = static_cast<double>(sums.back() - least);
    for (std::size_t i = c; i < picture.pixels.size(); i += picture.channels) {
      const auto rank = static_cast<double>(sums[bin_of(picture.pixels[i])] - least);
      picture.pixels[i] = static_cast<float>(std::nearbyint(rank * 255 / most));
    }
  }
}

}  // namespace graft::data
