// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace graft::kernels {

/// One memory for whatever kernel this thread runs, as large as the largest needs; its bytes are anything. It
/// begins with a cache line and lives as long as the thread.
[[nodiscard]] std::byte* shared_memory(std::size_t bytes);

/// Rounded up, so that what lies behind it in such a memory begins with a cache line.
[[nodiscard]] constexpr std::size_t whole_lines(std::size_t bytes) {
  constexpr std::size_t kLine = 64;
  return (bytes + kLine - 1) / kLine * kLine;
}

}  // namespace graft::kernels
