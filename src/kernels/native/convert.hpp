// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace graft::kernels::loops {

// float32 to bfloat16, rounding to nearest even, and back; on all kernel threads.
void to_bfloat16(const float* x, std::uint16_t* y, std::size_t count);
void from_bfloat16(const std::uint16_t* x, float* y, std::size_t count);

// The same for one thread and elements that are in the cache.
void to_bfloat16_block(const float* x, std::uint16_t* y, std::size_t count);
void from_bfloat16_block(const std::uint16_t* x, float* y, std::size_t count);

}  // namespace graft::kernels::loops
