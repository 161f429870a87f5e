// SPDX-License-Identifier: Apache-2.0
// Types that several layers' options share.
#pragma once

#include "graft/base/size2d.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// How a window treats the border. valid: only whole windows. same: output = ceil(input / stride), the odd
/// pixel of padding at the bottom and the right, as TensorFlow pads.
enum class Padding { valid, same };

/// keras.layers.RandomFlip's mode.
enum class Flip { horizontal, vertical, horizontal_and_vertical };

/// What pixels from outside the image are: keras.layers.RandomRotation's fill_mode.
enum class Fill { reflect, nearest, wrap, constant };

/// A range that a random layer draws from. One number f means (-f, f), as in Keras.
struct Factor {
  double low = 0;
  double high = 0;
  constexpr Factor() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): factor = 0.2 should read as in Keras
  constexpr Factor(double both_sides) : low(-both_sides), high(both_sides) {}
  constexpr Factor(double low_end, double high_end) : low(low_end), high(high_end) {}
  friend constexpr bool operator==(const Factor&, const Factor&) = default;
};

}  // namespace graft

#pragma GCC visibility pop
