// SPDX-License-Identifier: Apache-2.0
// Preprocessing and augmentation of images (keras.layers, group preprocessing).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

/// Arguments of CenterCrop(), with Keras's names.
struct CenterCropOptions {
  std::int64_t height = 0, width = 0;  ///< of the output, in pixels; must be > 0
  std::string name;                    ///< empty: automatic, "center_crop"
};

/// The middle of each picture. A picture that is too small in one direction is first cropped to the output's
/// proportions and then resized bilinearly, as Keras does.
///   Input   (N, H, W, C)
///   Output  (N, height, width, C)
[[nodiscard]] Layer CenterCrop(CenterCropOptions options);

/// Arguments of RandomCrop(), with Keras's names.
struct RandomCropOptions {
  std::int64_t height = 0, width = 0;  ///< of the output, in pixels; must be > 0
  std::optional<std::uint64_t> seed;   ///< unset: from random_seed() and the layer's name
  std::string name;                    ///< empty: automatic, "random_crop"
};

/// In training a part of the picture at a random place, the same for all pictures of a batch. In inference,
/// and where the picture is no larger than the output in both directions, the largest middle part with the
/// output's proportions, resized bilinearly.
///   Input   (N, H, W, C)
///   Output  (N, height, width, C)
[[nodiscard]] Layer RandomCrop(RandomCropOptions options);

/// Arguments of Normalization(), with Keras's names. Keras's axis is always -1 here.
struct NormalizationOptions {
  std::int64_t axis = -1;        ///< of the channels: the last
  std::vector<double> mean;      ///< one per channel; both empty: weights that start at 0 and 1, to be loaded
  std::vector<double> variance;  ///< one per channel
  std::string name;              ///< first part of the weight paths; empty: automatic, "normalization"
};

/// (x - mean) / sqrt(variance) per channel of the last axis. Throws Error{unsupported} at the first call for
/// another axis.
///   Input, output  (N, ..., C)
///   Weights        mean, variance (C) and count where no numbers are given; they never train
[[nodiscard]] Layer Normalization(NormalizationOptions options = {});

/// Arguments of RandomBrightness(), with Keras's names.
struct RandomBrightnessOptions {
  SymmetricRange factor{};             ///< fractions of the value range; 0.2 draws from -0.2 to 0.2
  SymmetricRange value_range{0, 255};  ///< least and largest pixel value; results are kept within it
  std::optional<std::uint64_t> seed;   ///< unset: from random_seed() and the layer's name
  std::string name;                    ///< empty: automatic, "random_brightness"
};

/// Makes each photo brighter or darker by a random part of the value range, only in training.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomBrightness(RandomBrightnessOptions options = {});

/// Arguments of RandomContrast(), with Keras's names.
struct RandomContrastOptions {
  SymmetricRange
      factor{};  ///< (low, high): the factor is drawn from 1 - low to 1 + high; one number means both
  SymmetricRange value_range{0, 255};  ///< least and largest pixel value; results are kept within it
  std::optional<std::uint64_t> seed;   ///< unset: from random_seed() and the layer's name
  std::string name;                    ///< empty: automatic, "random_contrast"
};

/// Moves each photo's pixels from their channel's mean by a random factor, only in training.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomContrast(RandomContrastOptions options = {});

/// Arguments of RandomFlip(), with Keras's names and defaults.
struct RandomFlipOptions {
  Flip mode = Flip::horizontal_and_vertical;  ///< the directions; each with probability 1/2
  std::optional<std::uint64_t> seed;          ///< unset: from random_seed() and the layer's name
  std::string name;                           ///< empty: automatic, "random_flip"
};

/// Mirrors photos at random, only in training.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomFlip(RandomFlipOptions options = {});

/// Arguments of RandomRotation(), with Keras's names.
struct RandomRotationOptions {
  SymmetricRange factor{};  ///< fractions of a full turn; 0.2 draws from -72 to 72 degrees, positive is
                            ///< counter-clockwise
  Fill fill_mode = Fill::reflect;          ///< what pixels from outside the photo are
  std::string interpolation = "bilinear";  ///< bilinear or nearest
  std::optional<std::uint64_t> seed;       ///< unset: from random_seed() and the layer's name
  double fill_value = 0;                   ///< of Fill::constant
  std::string name;                        ///< empty: automatic, "random_rotation"
};

/// Turns each photo by a random angle, only in training.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomRotation(RandomRotationOptions options = {});

/// Arguments of RandomTranslation(), with Keras's names.
struct RandomTranslationOptions {
  SymmetricRange height_factor{};          ///< fractions of the height; positive: down
  SymmetricRange width_factor{};           ///< fractions of the width; positive: right
  Fill fill_mode = Fill::reflect;          ///< what pixels from outside the photo are
  std::string interpolation = "bilinear";  ///< bilinear or nearest
  std::optional<std::uint64_t> seed;       ///< unset: from random_seed() and the layer's name
  double fill_value = 0;                   ///< of Fill::constant
  std::string name;                        ///< empty: automatic, "random_translation"
};

/// Shifts each photo by random fractions of its size, only in training.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomTranslation(RandomTranslationOptions options = {});

/// Arguments of RandomZoom(), with Keras's names.
struct RandomZoomOptions {
  SymmetricRange height_factor{};  ///< 0.2 draws from -0.2 to 0.2; 0.2 shows 20 % more (zooms out)
  std::optional<SymmetricRange> width_factor;  ///< unset: as the height, keeping the ratio
  Fill fill_mode = Fill::reflect;              ///< what pixels from outside the photo are
  std::string interpolation = "bilinear";      ///< bilinear or nearest
  std::optional<std::uint64_t> seed;           ///< unset: from random_seed() and the layer's name
  double fill_value = 0;                       ///< of Fill::constant
  std::string name;                            ///< empty: automatic, "random_zoom"
};

/// Zooms each photo by a random factor, only in training.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomZoom(RandomZoomOptions options = {});

/// One number for all channels, {.scale = 1.0 / 255}, or one per channel, {.scale = {0.5, 1, 2}}.
struct PerChannel : std::vector<double> {
  using std::vector<double>::vector;
  // NOLINTBEGIN(google-explicit-constructor): as Keras's argument
  /// One number for all channels.
  PerChannel(double value) : vector{value} {}
  /// One for each channel.
  PerChannel(std::vector<double> values) : vector(std::move(values)) {}
  // NOLINTEND(google-explicit-constructor)
};

/// Arguments of Rescaling(), with Keras's names.
struct RescalingOptions {
  PerChannel scale{1.0};   ///< factor
  PerChannel offset{0.0};  ///< added after the factor
  std::string name;        ///< empty: automatic, "rescaling"
};

/// x scale + offset, for every element or with one number per channel.
///   Input, output  (N, ..., C)
[[nodiscard]] Layer Rescaling(RescalingOptions options = {});

/// Arguments of Resizing(), with Keras's names. It has no crop_to_aspect_ratio, pad_to_aspect_ratio or
/// antialias.
struct ResizingOptions {
  std::int64_t height = 0, width = 0;      ///< of the output, in pixels; must be > 0
  std::string interpolation = "bilinear";  ///< bilinear or nearest
  std::string name;                        ///< empty: automatic, "resizing"
};

/// Resizes images with half-pixel centres, without antialiasing.
///   Input   (N, H, W, C)
///   Output  (N, height, width, C)
[[nodiscard]] Layer Resizing(ResizingOptions options);

}  // namespace graft::layers

#pragma GCC visibility pop
