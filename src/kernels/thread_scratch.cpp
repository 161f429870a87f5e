// SPDX-License-Identifier: Apache-2.0
#include "kernels/thread_scratch.hpp"

#include <array>
#include <memory>

#include "graft/tensor.hpp"

namespace graft::kernels {
namespace {

struct Memory {
  std::shared_ptr<void> bytes;
  std::size_t size = 0;
};

}  // namespace

std::byte* thread_scratch(std::size_t bytes, Scratch use) {
  thread_local std::array<Memory, 2> memories;
  Memory& memory = memories.at(static_cast<std::size_t>(use));
  if (bytes > memory.size) {
    memory.bytes.reset();
    memory.bytes = allocate_aligned(bytes);
    memory.size = bytes;
  }
  return static_cast<std::byte*>(memory.bytes.get());
}

}  // namespace graft::kernels
