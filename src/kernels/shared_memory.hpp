// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "graft/base/cache_line.hpp"

namespace graft::kernels {

/// One memory for whatever kernel this thread runs, as large as the largest needs; its bytes are anything. It
/// begins with a cache line and lives as long as the thread.
[[nodiscard]] std::byte* shared_memory(std::size_t bytes);

}  // namespace graft::kernels
