// SPDX-License-Identifier: Apache-2.0
// Layers that move or repeat elements (keras.layers, group reshaping).
#pragma once

#include <string>
#include <vector>

#include "graft/layers/layer.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

/// Arguments of Cropping2D(): Keras's cropping = ((top, bottom), (left, right)).
struct Cropping2DOptions {
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;  ///< rows and columns to cut off; not negative
  std::string name;                                       ///< empty: automatic, "cropping2d"
};

/// Cuts off rows and columns at the border.
///   Input   (N, H, W, C)
///   Output  (N, H - top - bottom, W - left - right, C)
[[nodiscard]] Layer Cropping2D(Cropping2DOptions options = {});
/// The same on opposite sides, as Keras reads cropping=(1, 2).
[[nodiscard]] Layer Cropping2D(Size2D cropping, const std::string& name = "");

/// Arguments of Flatten(), with Keras's names and defaults.
struct FlattenOptions {
  std::string name;  ///< empty: automatic, "flatten"
};

/// All axes but the batch's in one.
///   Input   (N, ...)
///   Output  (N, product)
[[nodiscard]] Layer Flatten(FlattenOptions options = {});

/// Arguments of Permute(), with Keras's names.
struct PermuteOptions {
  std::vector<std::int64_t> dims;  ///< the new order of the axes, counted from 1 without the batch axis
  std::string name;                ///< empty: automatic, "permute"
};

/// The same elements with the axes in another order.
///   Input   (N, ...) with as many axes after the batch as dims has numbers
///   Output  (N, ...): axis i is the input's axis dims[i - 1]
[[nodiscard]] Layer Permute(PermuteOptions options);

/// Arguments of RepeatVector(), with Keras's names.
struct RepeatVectorOptions {
  std::int64_t n = 1;  ///< how many times, at least 1; Keras has no default
  std::string name;    ///< empty: automatic, "repeat_vector"
};

/// Each sample's vector n times.
///   Input   (N, C)
///   Output  (N, n, C)
[[nodiscard]] Layer RepeatVector(RepeatVectorOptions options);

/// Arguments of Reshape(), with Keras's names.
struct ReshapeOptions {
  Shape target_shape;  ///< without the batch axis; one axis may be -1 and follows from the others
  std::string name;    ///< empty: automatic, "reshape"
};

/// The same elements in another shape.
///   Input   (N, ...)
///   Output  (N, target_shape...)
[[nodiscard]] Layer Reshape(ReshapeOptions options);

/// Arguments of UpSampling2D(), with Keras's names and defaults.
struct UpSampling2DOptions {
  Size2D size{2};                         ///< how many times as high and as wide
  std::string interpolation = "nearest";  ///< nearest repeats, bilinear interpolates
  std::string name;                       ///< empty: automatic, "up_sampling2d"
};

/// Enlarges images by whole factors.
///   Input   (N, H, W, C)
///   Output  (N, H size.height, W size.width, C)
[[nodiscard]] Layer UpSampling2D(UpSampling2DOptions options = {});

/// Arguments of ZeroPadding2D(): Keras's padding = ((top, bottom), (left, right)).
struct ZeroPadding2DOptions {
  std::int64_t top = 1, bottom = 1, left = 1, right = 1;  ///< rows and columns of zeros at each side
  std::string name;                                       ///< empty: automatic, "zero_padding2d"
};

/// Zeros around the image.
///   Input   (N, H, W, C)
///   Output  (N, top + H + bottom, left + W + right, C)
[[nodiscard]] Layer ZeroPadding2D(ZeroPadding2DOptions options = {});
/// Keras's padding = 1 or (1, 1): the same at both sides.
[[nodiscard]] Layer ZeroPadding2D(Size2D padding, const std::string& name = "");

}  // namespace graft::layers

#pragma GCC visibility pop
