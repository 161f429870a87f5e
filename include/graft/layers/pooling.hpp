// SPDX-License-Identifier: Apache-2.0
// Pooling layers (keras.layers, group pooling).
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

/// Arguments of AveragePooling2D(), with Keras's names.
struct AveragePooling2DOptions {
  Size2D pool_size{2};               ///< (height, width) of the window
  Size2D strides{0};                 ///< (rows, columns) from one window to the next; 0: as pool_size
  Padding padding = Padding::valid;  ///< same: output = ceil(input / stride)
  std::string name;                  ///< empty: automatic, "average_pooling2d"
};

/// The mean of each window; padding does not count, as in TensorFlow.
///   Input   (N, H, W, C)
///   Output  (N, H', W', C)
[[nodiscard]] Layer AveragePooling2D(AveragePooling2DOptions options = {});

/// Arguments of MaxPooling2D(), with Keras's names and defaults.
struct MaxPooling2DOptions {
  Size2D pool_size{2};               ///< (height, width) of the window
  Size2D strides{0};                 ///< (rows, columns) from one window to the next; 0: as pool_size
  Padding padding = Padding::valid;  ///< same: output = ceil(input / stride)
  std::string name;                  ///< empty: automatic, "max_pooling2d"
};

/// The largest element of each window.
///   Input   (N, H, W, C)
///   Output  (N, H', W', C)
[[nodiscard]] Layer MaxPooling2D(MaxPooling2DOptions options = {});

/// Arguments of GlobalAveragePooling2D(), with Keras's names and defaults.
struct GlobalAveragePooling2DOptions {
  bool keepdims = false;  ///< keeps H and W as axes of size 1
  std::string name;       ///< empty: automatic, "global_average_pooling2d"
};

/// The mean of each channel over the image.
///   Input   (N, H, W, C)
///   Output  (N, C), or (N, 1, 1, C) with keepdims
[[nodiscard]] Layer GlobalAveragePooling2D(GlobalAveragePooling2DOptions options = {});

/// Arguments of GlobalMaxPooling2D(), with Keras's names and defaults.
struct GlobalMaxPooling2DOptions {
  bool keepdims = false;  ///< keeps H and W as axes of size 1
  std::string name;       ///< empty: automatic, "global_max_pooling2d"
};

/// The largest element of each channel over the image.
///   Input   (N, H, W, C)
///   Output  (N, C), or (N, 1, 1, C) with keepdims
[[nodiscard]] Layer GlobalMaxPooling2D(GlobalMaxPooling2DOptions options = {});

}  // namespace graft::layers

#pragma GCC visibility pop
