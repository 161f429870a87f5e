// SPDX-License-Identifier: Apache-2.0
// The ways to resize; resize.cpp chooses among them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "graft/image.hpp"

namespace graft::data {

/// A part of a uint8 or float32 picture (H, W, C), read in place.
template <typename T>
struct Source {
  const T* first = nullptr;  ///< the part's first pixel
  std::int64_t height = 0;   ///< of the part
  std::int64_t width = 0;
  std::int64_t channels = 0;
  std::int64_t row_stride = 0;  ///< elements from one row to the next
  [[nodiscard]] const T* row(std::int64_t y) const { return first + y * row_stride; }
};

/// Destination of a (height, width, C) result inside a larger float32 picture.
struct Target {
  float* first = nullptr;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t row_stride = 0;
  [[nodiscard]] float* row(std::int64_t y) const { return first + y * row_stride; }
};

/// One axis of a separable filter: output i is the sum of weights[i][k] * input[first[i] + k].
struct Taps {
  struct Span {
    std::int64_t first = 0;  ///< input index
    std::size_t offset = 0;  ///< into weights
    std::int64_t count = 0;
  };
  std::vector<Span> spans;
  std::vector<float> weights;
};

/// Taps along an axis of in elements that becomes out, for every interpolation but nearest. Sources of the
/// formulas: TensorFlow's documentation of tf.image.resize and its operations ResizeBicubic, ResizeArea,
/// ScaleAndTranslate.
[[nodiscard]] Taps make_taps(const ResizeOptions& options, std::int64_t in, std::int64_t out);

/// The same with Pillow's weights: whole numbers, 2^22 for 1.
struct WholeTaps {
  std::vector<Taps::Span> spans;
  std::vector<std::int32_t> weights;
};
/// Throws Error{invalid_argument} for a filter that Pillow does not have.
[[nodiscard]] WholeTaps pillow_taps(ResizeMethod filter, std::int64_t in, std::int64_t out);
/// The rows of `down` and the columns of `right` of the resized picture.
void resize_pillow(const Source<std::uint8_t>& source, const Target& target, const WholeTaps& down,
                   const WholeTaps& right);

/// What ResizeOptions::center_crop does to a picture of another size than the target's.
template <typename T>
void resize_and_crop(const Source<T>& source, const Target& target, const ResizeOptions& options);

/// The input element that output i of a resize by "nearest" is. scale: inputs per output.
[[nodiscard]] std::int64_t nearest_index(std::int64_t i, float scale, std::int64_t in);

template <typename T>
void resize_nearest(const Source<T>& source, const Target& target);
/// Bilinear without antialias, the way of most photos: the same numbers as its taps, without building them.
template <typename T>
void resize_bilinear(const Source<T>& source, const Target& target);
template <typename T>
void resize_separable(const Source<T>& source, const Target& target, const Taps& down, const Taps& right);

}  // namespace graft::data
