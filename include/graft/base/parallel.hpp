// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace graft {

/// Threads that kernels use (oneDNN's and graft's own): by default one a core this process may run on. 1
/// within parallel_for, where each thread computes alone.
[[nodiscard]] int num_threads();

/// Sets the threads kernels use from here on; count >= 1. Results are bit-equal for equal counts.
/// Call it before plans are built; not while one runs.
void set_num_threads(int count);

/// Calls body(begin, end) over disjoint ranges that cover [0, count), on the kernel threads. The ranges
/// depend on count, grain and num_threads() alone. body must not throw. Ranges are at least grain long where
/// count allows.
void parallel_for(std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& body);

}  // namespace graft
