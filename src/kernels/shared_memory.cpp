// SPDX-License-Identifier: Apache-2.0
#include "kernels/shared_memory.hpp"

#include <memory>

#include "graft/tensor/tensor.hpp"

namespace graft::kernels {

std::byte* shared_memory(std::size_t bytes) {
  thread_local std::shared_ptr<void> shared;
  thread_local std::size_t size = 0;
  if (bytes > size) {
    shared.reset();
    shared = allocate_aligned(bytes);
    size = bytes;
  }
  return static_cast<std::byte*>(shared.get());
}

}  // namespace graft::kernels
