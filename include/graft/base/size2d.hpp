// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#pragma GCC visibility push(default)

namespace graft {

/// Height and width, in this order. One number means both: Size2D{3} is 3 x 3, as Keras reads kernel_size=3.
struct Size2D {
  std::int64_t height = 0;
  std::int64_t width = 0;

  constexpr Size2D() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): kernel_size = 3 should read as in Keras
  constexpr Size2D(std::int64_t both) : height(both), width(both) {}
  constexpr Size2D(std::int64_t h, std::int64_t w) : height(h), width(w) {}
  friend constexpr bool operator==(const Size2D&, const Size2D&) = default;
};

}  // namespace graft

#pragma GCC visibility pop
