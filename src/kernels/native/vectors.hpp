// SPDX-License-Identifier: Apache-2.0
// Vectors of 16 numbers, whatever the processor's own are. Passed by reference: how they are passed by value
// depends on instructions that the caller may not be compiled for.
#pragma once

#include <cstdint>
#include <cstring>

/// Before a function: it is compiled for AVX-512. Whoever calls one asks has_avx512() first.
#if defined(__x86_64__) && defined(__GNUC__)
#define GRAFT_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#else
#define GRAFT_AVX512
#endif
#define GRAFT_AVX512_INLINE GRAFT_AVX512 __attribute__((always_inline)) inline

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

[[gnu::always_inline]] inline void store(const Floats& from, float* to) {
  std::memcpy(to, &from, sizeof(from));
}

/// True where functions marked GRAFT_AVX512 may be called.
[[nodiscard]] inline bool has_avx512() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
#else
  return false;
#endif
}

}  // namespace graft::kernels::native_detail
