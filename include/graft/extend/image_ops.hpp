// SPDX-License-Identifier: Apache-2.0
// Ops that resize and change images before a network sees them; op.hpp explains the notation.
#pragma once

#include <cstdint>
#include <optional>

#include "graft/extend/op_arguments.hpp"

#pragma GCC visibility push(default)

namespace graft::ops {

/// How a pixel between the input's pixels is computed: the nearest one, or the weighted mean of four.
enum class Interpolation { nearest, bilinear };
/// What a sampled pixel outside the image is (keras.layers.RandomRotation's fill_mode).
enum class FillMode {
  reflect,   ///< d c b a | a b c d | d c b a
  nearest,   ///< a a a a | a b c d | d d d d
  wrap,      ///< a b c d | a b c d | a b c d
  constant,  ///< fill_value
};

/// Resizes H and W with half-pixel centres, without antialiasing (keras.layers.Resizing). In: x. Out: y.
struct Resize {
  using In = UnaryIn;
  using Out = UnaryOut;
  Interpolation interpolation = Interpolation::bilinear;  ///< Keras's default
};
/// In: dy. Out: dx.
struct ResizeBackward {
  enum class In { dy };
  enum class Out { dx };
  Interpolation interpolation = Interpolation::bilinear;  ///< of the forward op
};

/// The interval of a uniform draw, or of pixel values.
struct Bounds {
  float low = 0, high = 0;  ///< its two ends
};

/// A random affine map of each sample, drawn in each run, as Keras's random layers do in training: flip,
/// turn, zoom, shift; then the pixels times scale plus shift. Each part is a no-op at its default. In: x (N,
/// H, W, C), [scale (C)], [shift (C)]. Out: y, of x's shape.
struct RandomTransform {
  enum class In { x, scale, shift };
  enum class Out { y };
  /// A flip that is drawn separately.
  struct Flip {
    bool horizontal = false, vertical = false;  ///< each with probability 1/2
    std::uint64_t seed = 0;                     ///< of the op that flips, as in Dropout
  };

  bool flip_horizontal = false, flip_vertical = false;  ///< each with probability 1/2
  Bounds angle;                                         ///< in full turns; positive: counter-clockwise
  Bounds shift_height;                                  ///< as a fraction of the height; positive: down
  Bounds shift_width;                                   ///< as a fraction of the width; positive: right
  Bounds zoom_height, zoom_width;          ///< change of the visible size: 0.2 shows 20 % more (zooms out)
  bool zoom_keeps_ratio = false;           ///< zoom_width follows zoom_height's draw
  FillMode fill_mode = FillMode::reflect;  ///< of pixels from outside the image
  float fill_value = 0;                    ///< of FillMode::constant
  Interpolation interpolation = Interpolation::bilinear;  ///< between x's pixels
  std::uint64_t seed = 0;                                 ///< of the op, as in Dropout
  std::optional<Flip> flip_before;  ///< a flip before all this: of another op, merged into this one
};

/// A part of H and W at a place drawn in each run, the same for all samples. In: x (N, H, W, C). Out: y
/// (N, H', W', C), no larger.
struct RandomCrop {
  using In = UnaryIn;
  using Out = UnaryOut;
  std::uint64_t seed = 0;  ///< of the op, as in Dropout
};

/// y = (x - mean) f + mean, clipped to value_range; mean per sample and channel over H and W, one f a sample.
/// In: x. Out: y. (keras.layers.RandomContrast)
struct RandomContrast {
  using In = UnaryIn;
  using Out = UnaryOut;
  Bounds factor{1, 1};         ///< f is drawn from it, uniformly; 1 changes nothing
  Bounds value_range{0, 255};  ///< least and largest pixel value
  std::uint64_t seed = 0;      ///< of the op, as in Dropout
};

/// y = x + d (high - low of value_range), clipped to value_range; one d a sample. In: x. Out: y.
/// (keras.layers.RandomBrightness)
struct RandomBrightness {
  using In = UnaryIn;
  using Out = UnaryOut;
  Bounds delta;                ///< d is drawn from it, uniformly; 0 changes nothing
  Bounds value_range{0, 255};  ///< least and largest pixel value
  std::uint64_t seed = 0;      ///< of the op, as in Dropout
};

}  // namespace graft::ops

#pragma GCC visibility pop
