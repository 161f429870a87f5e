// SPDX-License-Identifier: Apache-2.0
// What the operators of images share: windows along height and width.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "onnx/import/importer.hpp"

namespace graft {
inline namespace onnx {

/// Larger numbers are no network's: they would only make layers that fill the memory.
inline constexpr std::int64_t kMostExtent = 1 << 14;

/// One axis of a window.
struct Span {
  std::int64_t input = -1, size = 1, stride = 1, dilation = 1, before = 0, after = 0;
  std::int64_t beyond = 0;  ///< of after: what the last window reaches beyond the padding

  [[nodiscard]] std::int64_t reach() const { return (size - 1) * dilation + 1; }
  [[nodiscard]] bool has_pads() const { return before != 0 || after != 0; }
  /// Whether Keras's padding "same" pads as much.
  [[nodiscard]] bool is_same() const {
    if (stride == 1) return before == (reach() - 1) / 2 && before + after == reach() - 1;
    if (input < 0) return false;
    const std::int64_t output = (input + stride - 1) / stride;
    const std::int64_t total = std::max<std::int64_t>(0, (output - 1) * stride + reach() - input);
    return before == total / 2 && after == total - total / 2;
  }
};

struct Spans {
  std::array<Span, 2> axes;  ///< height, width
  [[nodiscard]] bool has_pads() const { return axes[0].has_pads() || axes[1].has_pads(); }
  [[nodiscard]] bool is_same() const { return axes[0].is_same() && axes[1].is_same(); }
  [[nodiscard]] Size2D size() const { return {axes[0].size, axes[1].size}; }
  [[nodiscard]] Size2D strides() const { return {axes[0].stride, axes[1].stride}; }
};

/// Number i of a node's list of sizes; fallback where the list is empty. Throws where it is not for two axes
/// or below least.
[[nodiscard]] std::int64_t entry(const Importer& importer, const std::vector<std::int64_t>& list,
                                 std::size_t i, std::int64_t fallback, std::int64_t least);

/// The value of an image (N, H, W, C).
[[nodiscard]] Known image_value(SymbolicTensor tensor, bool non_negative);

}  // namespace onnx
}  // namespace graft
