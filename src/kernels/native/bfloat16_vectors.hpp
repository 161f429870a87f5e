// SPDX-License-Identifier: Apache-2.0
// Vectors for loops written for AVX-512 with bfloat16: GRAFT_BFLOAT16 before a function compiles
// it for such processors. Whoever calls one asks has_fast_bfloat16() first. On other kinds of machines the
// same functions are plain loops that nobody calls.
#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/native/convert.hpp"
#include "kernels/native/vectors.hpp"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define GRAFT_BFLOAT16 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")))
#else
#define GRAFT_BFLOAT16
#endif
#define GRAFT_BFLOAT16_INLINE GRAFT_BFLOAT16 __attribute__((always_inline)) inline

namespace graft::kernels::native_detail {

template <typename Vector, typename T>
GRAFT_BFLOAT16_INLINE Vector load_vector(const T* from) {
  Vector vector;
  std::memcpy(&vector, from, sizeof(vector));
  return vector;
}
template <typename Vector, typename T>
GRAFT_BFLOAT16_INLINE void store_vector(const Vector& vector, T* to) {
  std::memcpy(to, &vector, sizeof(vector));
}

/// From float32 or bfloat16.
template <typename T>
GRAFT_BFLOAT16_INLINE Floats load_wide(const T* from) {
  Floats vector;
  load(from, vector);
  return vector;
}

GRAFT_BFLOAT16_INLINE Halves round_vector(const Floats& x) {
#if defined(__x86_64__) && defined(__GNUC__)
  const auto bits = _mm512_cvtneps_pbh(reinterpret_cast<__m512>(x));
  return load_vector<Halves>(&bits);
#else
  Halves halves;
  for (int i = 0; i < kLanes; ++i) halves[i] = loops::rounded(x[i]);
  return halves;
#endif
}
GRAFT_BFLOAT16_INLINE void store_rounded(const Floats& x, float* to) { store_vector(x, to); }
GRAFT_BFLOAT16_INLINE void store_rounded(const Floats& x, std::uint16_t* to) {
  store_vector(round_vector(x), to);
}

/// sum + a b, lane by lane, of pairs of bfloat16 numbers: both products are added.
GRAFT_BFLOAT16_INLINE Floats add_pairs(const Floats& sum, const Words& a, const Words& b) {
#if defined(__x86_64__) && defined(__GNUC__)
  return reinterpret_cast<Floats>(_mm512_dpbf16_ps(
      reinterpret_cast<__m512>(sum), reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b)));
#else
  constexpr std::uint32_t kHigh = 0xFFFF0000U;
  const Words odd_a = a & kHigh;
  const Words odd_b = b & kHigh;
  const Words even_a = a << 16U;
  const Words even_b = b << 16U;
  return sum + load_vector<Floats>(&odd_a) * load_vector<Floats>(&odd_b) +
         load_vector<Floats>(&even_a) * load_vector<Floats>(&even_b);
#endif
}

}  // namespace graft::kernels::native_detail
