// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "graft/base/cache_line.hpp"

namespace graft::kernels {

/// A thread has one scratch memory for each use; memories of two uses are in use at the same time.
enum class Scratch {
  kernel,      ///< of the kernel that runs
  conversion,  ///< float32 copies for a kernel that runs between conversions
};

/// Scratch memory of the calling thread, for any kernel. It begins at a cache line, its contents are
/// undefined, and it is valid until the thread's next call for the same use. It grows to the largest request
/// and lives as long as the thread, so that nothing is allocated once it is large enough.
[[nodiscard]] std::byte* thread_scratch(std::size_t bytes, Scratch use = Scratch::kernel);

/// The same for `count` elements of T.
template <typename T>
[[nodiscard]] T* thread_scratch(std::size_t count, Scratch use = Scratch::kernel) {
  return reinterpret_cast<T*>(thread_scratch(count * sizeof(T), use));
}

}  // namespace graft::kernels
