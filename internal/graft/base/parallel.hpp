// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

#include "graft/execution.hpp"

namespace graft {

/// Calls body(begin, end) over disjoint ranges that cover [0, count), on the kernel threads. The ranges
/// depend only on count, grain and num_threads(). body must not throw. Ranges have at least `grain` elements
/// where count allows it.
void parallel_for(std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& body);

}  // namespace graft
