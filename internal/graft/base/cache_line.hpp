// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace graft {

/// Bytes rounded up to whole cache lines, so that whatever follows them in aligned memory begins on one.
[[nodiscard]] constexpr std::size_t whole_lines(std::size_t bytes) {
  constexpr std::size_t kLine = 64;
  return (bytes + kLine - 1) / kLine * kLine;
}

}  // namespace graft
