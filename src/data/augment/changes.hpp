// SPDX-License-Identifier: Apache-2.0
// The changes that RandAugment is made of, with everything that is drawn given: formulas of Keras 3.15's
// layers (keras/src/layers/preprocessing/image_preprocessing).
#pragma once

#include <cstddef>
#include <span>

namespace graft::data {

/// One photo (height, width, channels) of values from 0 to 255, changed in place.
struct PictureView {
  std::span<float> pixels;
  std::size_t height = 0, width = 0, channels = 0;

  [[nodiscard]] std::size_t at(std::size_t row, std::size_t column) const {
    return (row * width + column) * channels;
  }
};

/// Where output pixel (x, y) looks: (xx x + xy y + x0, yx x + yy y + y0).
struct Map {
  double xx = 1, xy = 0, x0 = 0;
  double yx = 0, yy = 1, y0 = 0;
};
/// Bilinear, mirrored about the pixels' edges where it looks outside.
void transform(PictureView& picture, const Map& map);
/// Counter-clockwise about the middle, by a part of a full turn.
[[nodiscard]] Map rotation(const PictureView& picture, double turn);

/// Adds to all values.
void brighten(PictureView& picture, float delta);
/// Distance from the channel's mean, times factor.
void contrast(PictureView& picture, float factor);
/// Towards grey by a share; nothing with one channel.
void fade(PictureView& picture, float share);
/// factor 0 smoothes, 0.5 leaves, above sharpens (Keras doubles it).
void sharpen(PictureView& picture, float factor);
/// Keeps the upper N of 8 bits.
void posterise(PictureView& picture, int bits);
/// Adds, then turns values from the threshold on upside down.
void solarise(PictureView& picture, float addition, float threshold);
/// Each channel from its least and largest value to 0 and 255.
void auto_contrast(PictureView& picture);
/// Each channel's histogram becomes flat.
void equalise(PictureView& picture);

}  // namespace graft::data
