// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "graft/base/size2d.hpp"
#include "graft/tensor/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft::data {

/// Keras's names. bicubic is Keys' cubic with a = -0.5.
enum class ResizeMethod { bilinear, nearest, bicubic, area, lanczos3, lanczos5, gaussian, mitchellcubic };
[[nodiscard]] std::string_view to_string(ResizeMethod interpolation);
/// Throws Error{invalid_argument} listing the names.
[[nodiscard]] ResizeMethod resize_method_from_name(std::string_view name);

struct ResizeOptions {
  ResizeMethod interpolation = ResizeMethod::bilinear;
  /// When shrinking, the filter widens with the factor. nearest and area ignore it.
  bool antialias = false;
  /// Keras's smart_resize: cut the largest centred part of the target's aspect ratio first.
  bool crop_to_aspect_ratio = false;
  /// tf.image.resize_with_pad: keep the aspect ratio and fill with zeros on both sides. Not together with
  /// crop_to_aspect_ratio.
  bool pad_to_aspect_ratio = false;
};

/// tf.image.resize (half-pixel centres): uint8 or float32 (H, W, C) to float32 (size.height, size.width, C).
/// Values are not clipped: bicubic and lanczos may leave 0..255.
/// Errors: Error{shape_mismatch} unless rank 3 with no empty axis; Error{invalid_argument} for sizes below 1
/// and for crop and pad together.
[[nodiscard]] Tensor resize(const Tensor& image, Size2D size, const ResizeOptions& options = {});

}  // namespace graft::data

#pragma GCC visibility pop
