// SPDX-License-Identifier: Apache-2.0
// Vectors of 16 numbers on every processor. They are passed by reference: how they are passed by value
// depends on instructions that the caller may not be compiled for.
#pragma once

#include <cstdint>
#include <cstring>

/// Before a function: it is compiled for AVX-512, or for AVX2 with FMA. A caller must check has_avx512() or
/// has_avx2() first. Code that both share is a template over the vector, marked always_inline: it is compiled
/// for the function that it is inlined into.
#if defined(__x86_64__) && defined(__GNUC__)
#define GRAFT_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define GRAFT_AVX2 __attribute__((target("avx2,fma")))
#else
#define GRAFT_AVX512
#define GRAFT_AVX2
#endif

namespace graft::kernels::vectors {

inline constexpr std::int64_t kLanes = 16;
using Floats = float __attribute__((vector_size(kLanes * 4)));
using Words = std::uint32_t __attribute__((vector_size(kLanes * 4)));
using Halves = std::uint16_t __attribute__((vector_size(kLanes * 2)));
/// A register of AVX2.
using EightFloats = float __attribute__((vector_size(32)));

/// Numbers in a vector of float.
template <typename Vector>
inline constexpr std::int64_t kWidth = sizeof(Vector) / sizeof(float);

/// A vector at any address.
template <typename Vector>
struct [[gnu::packed, gnu::may_alias]] Unaligned {
  Vector value;
};
template <typename Vector>
[[gnu::always_inline]] inline void load(const float* from, Vector& to) {
  to = reinterpret_cast<const Unaligned<Vector>*>(from)->value;
}
template <typename Vector>
[[gnu::always_inline]] inline void store(const Vector& from, float* to) {
  reinterpret_cast<Unaligned<Vector>*>(to)->value = from;
}
/// From bfloat16.
[[gnu::always_inline]] inline void load(const std::uint16_t* from, Floats& to) {
  Halves bits;
  std::memcpy(&bits, from, sizeof(bits));
  const Words words = __builtin_convertvector(bits, Words) << 16U;
  std::memcpy(&to, &words, sizeof(to));
}

/// True where functions marked GRAFT_AVX2 may be called: wherever has_avx512() is true, and elsewhere.
[[nodiscard]] inline bool has_avx2() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
#else
  return false;
#endif
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

}  // namespace graft::kernels::vectors
