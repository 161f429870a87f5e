// SPDX-License-Identifier: Apache-2.0
// Vectors of 16 numbers, whatever the processor's own are. Passed by reference: how they are passed by value
// depends on instructions that the caller may not be compiled for.
#pragma once

#include <cstdint>
#include <cstring>

namespace graft::kernels::native_detail {

inline constexpr std::int64_t kLanes = 16;
using Floats = float __attribute__((vector_size(kLanes * 4)));
using Words = std::uint32_t __attribute__((vector_size(kLanes * 4)));
using Halves = std::uint16_t __attribute__((vector_size(kLanes * 2)));

[[gnu::always_inline]] inline void load(const float* from, Floats& to) { std::memcpy(&to, from, sizeof(to)); }
/// From bfloat16.
[[gnu::always_inline]] inline void load(const std::uint16_t* from, Floats& to) {
  Halves bits;
  std::memcpy(&bits, from, sizeof(bits));
  const Words words = __builtin_convertvector(bits, Words) << 16U;
  std::memcpy(&to, &words, sizeof(to));
}

}  // namespace graft::kernels::native_detail
