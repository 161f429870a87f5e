// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace graft {
inline namespace tflite {

/// Padding of one axis.
struct AxisPadding {
  std::int64_t before = 0, after = 0;
  friend bool operator==(const AxisPadding&, const AxisPadding&) = default;
};

/// As TensorFlow's "same" pads an axis: the odd one at the end.
[[nodiscard]] inline AxisPadding same_padding(std::int64_t input, std::int64_t size, std::int64_t stride,
                                              std::int64_t dilation) {
  const std::int64_t outputs = (input + stride - 1) / stride;
  const std::int64_t all =
      std::max<std::int64_t>((outputs - 1) * stride + (size - 1) * dilation + 1 - input, 0);
  return {all / 2, all - all / 2};
}

}  // namespace tflite
}  // namespace graft
