// SPDX-License-Identifier: Apache-2.0
// Preprocessing and augmentation of images (keras.layers, group preprocessing).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

struct CenterCropOptions {
  std::int64_t height = 0, width = 0;  ///< of the output; must be > 0
  std::string name;
};

/// The middle of each picture. A picture that is too small in one direction is first cropped to the output's
/// proportions and then resized bilinearly, as Keras does.
///   Input   (N, H, W, C)
///   Output  (N, height, width, C)
[[nodiscard]] Layer CenterCrop(CenterCropOptions options);

struct RandomCropOptions {
  std::int64_t height = 0, width = 0;  ///< of the output; must be > 0
  std::optional<std::uint64_t> seed;   ///< unset: from random_seed() and the layer's name
  std::string name;
};

/// In training a part of the picture at a random place, the same for all pictures of a batch. In inference,
/// and where the picture is no larger than the output in both directions, the largest middle part with the
/// output's proportions, resized bilinearly.
///   Input   (N, H, W, C)
///   Output  (N, height, width, C)
[[nodiscard]] Layer RandomCrop(RandomCropOptions options);

struct NormalizationOptions {
  std::int64_t axis = -1;        ///< of the channels: the last
  std::vector<double> mean;      ///< one per channel; both empty: weights that start at 0 and 1, to be loaded
  std::vector<double> variance;  ///< one per channel
  std::string name;
};

/// (x - mean) / sqrt(variance) per channel of the last axis. Throws Error{unsupported} at the first call for
/// another axis.
///   Input, output  (N, ..., C)
///   Weights        mean, variance (C) and count where no numbers are given; they never train
[[nodiscard]] Layer Normalization(NormalizationOptions options = {});

struct RandomBrightnessOptions {
  Factor factor{};  ///< fractions of the value range; 0.2 draws from -0.2 to 0.2
  Factor value_range{0, 255};
  std::optional<std::uint64_t> seed;  ///< unset: from random_seed() and the layer's name
  std::string name;
};

/// Makes each photo brighter or darker by a random part of the value range, only in training.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomBrightness(RandomBrightnessOptions options = {});

struct RandomContrastOptions {
  Factor factor{};  ///< (low, high): the factor is drawn from 1 - low to 1 + high; one number means both
  Factor value_range{0, 255};
  std::optional<std::uint64_t> seed;  ///< unset: from random_seed() and the layer's name
  std::string name;
};

/// Moves each photo's pixels from their channel's mean by a random factor, only in training.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomContrast(RandomContrastOptions options = {});

struct RandomFlipOptions {
  Flip mode = Flip::horizontal_and_vertical;
  std::optional<std::uint64_t> seed;  ///< unset: from random_seed() and the layer's name
  std::string name;
};

/// Mirrors each photo with probability 1/2, only in training.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomFlip(RandomFlipOptions options = {});

struct RandomRotationOptions {
  Factor factor{};  ///< fractions of a full turn; 0.2 draws from -72 to 72 degrees, positive is
                    ///< counter-clockwise
  Fill fill_mode = Fill::reflect;
  std::string interpolation = "bilinear";  ///< bilinear or nearest
  std::optional<std::uint64_t> seed;       ///< unset: from random_seed() and the layer's name
  double fill_value = 0;                   ///< of Fill::constant
  std::string name;
};

/// Turns each photo by a random angle, only in training.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomRotation(RandomRotationOptions options = {});

struct RandomTranslationOptions {
  Factor height_factor{};  ///< positive: down
  Factor width_factor{};   ///< positive: right
  Fill fill_mode = Fill::reflect;
  std::string interpolation = "bilinear";  ///< bilinear or nearest
  std::optional<std::uint64_t> seed;       ///< unset: from random_seed() and the layer's name
  double fill_value = 0;                   ///< of Fill::constant
  std::string name;
};

/// Shifts each photo by random fractions of its size, only in training.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomTranslation(RandomTranslationOptions options = {});

struct RandomZoomOptions {
  Factor height_factor{};              ///< 0.2 draws from -0.2 to 0.2; positive shows more (zooms out)
  std::optional<Factor> width_factor;  ///< unset: as the height, keeping the ratio
  Fill fill_mode = Fill::reflect;
  std::string interpolation = "bilinear";  ///< bilinear or nearest
  std::optional<std::uint64_t> seed;       ///< unset: from random_seed() and the layer's name
  double fill_value = 0;                   ///< of Fill::constant
  std::string name;
};

/// Zooms each photo by a random factor, only in training.
///   Input, output  (N, H, W, C)
[[nodiscard]] Layer RandomZoom(RandomZoomOptions options = {});

struct RescalingOptions {
  std::vector<double> scale{1};   ///< one number, or one per channel
  std::vector<double> offset{0};  ///< one number, or one per channel
  std::string name;
};

/// x scale + offset, for every element or with one number per channel.
///   Input, output  (N, ..., C)
[[nodiscard]] Layer Rescaling(RescalingOptions options = {});

struct ResizingOptions {
  std::int64_t height = 0, width = 0;
  std::string interpolation = "bilinear";  ///< bilinear or nearest
  std::string name;
};

/// Resizes images with half-pixel centres, without antialiasing.
///   Input   (N, H, W, C)
///   Output  (N, height, width, C)
[[nodiscard]] Layer Resizing(ResizingOptions options);

}  // namespace graft::layers

#pragma GCC visibility pop
