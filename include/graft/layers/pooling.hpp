// SPDX-License-Identifier: Apache-2.0
// Pooling layers (keras.layers, group pooling).
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

struct AveragePooling2DOptions {
  Size2D pool_size{2};
  Size2D strides{0};  ///< 0: as pool_size
  Padding padding = Padding::valid;
  std::string name;
};

/// The mean of each window; padding does not count, as in TensorFlow.
///   Input   (N, H, W, C)
///   Output  (N, H', W', C)
[[nodiscard]] Layer AveragePooling2D(AveragePooling2DOptions options = {});

struct MaxPooling2DOptions {
  Size2D pool_size{2};
  Size2D strides{0};  ///< 0: as pool_size
  Padding padding = Padding::valid;
  std::string name;
};

/// The largest element of each window.
///   Input   (N, H, W, C)
///   Output  (N, H', W', C)
[[nodiscard]] Layer MaxPooling2D(MaxPooling2DOptions options = {});

struct GlobalAveragePooling2DOptions {
  bool keepdims = false;
  std::string name;
};

/// The mean of each channel over the image.
///   Input   (N, H, W, C)
///   Output  (N, C), or (N, 1, 1, C) with keepdims
[[nodiscard]] Layer GlobalAveragePooling2D(GlobalAveragePooling2DOptions options = {});

struct GlobalMaxPooling2DOptions {
  bool keepdims = false;
  std::string name;
};

/// The largest element of each channel over the image.
///   Input   (N, H, W, C)
///   Output  (N, C), or (N, 1, 1, C) with keepdims
[[nodiscard]] Layer GlobalMaxPooling2D(GlobalMaxPooling2DOptions options = {});

}  // namespace graft::layers

#pragma GCC visibility pop
