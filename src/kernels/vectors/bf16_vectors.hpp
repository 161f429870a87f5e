// SPDX-License-Identifier: Apache-2.0
// Vectors for loops written for AVX-512 with bfloat16: GRAFT_BFLOAT16 before a function compiles
// it for such processors. A caller must check has_bfloat16() first. On other kinds of machines the
// same functions are plain loops that nobody calls.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels/vectors/convert.hpp"
#include "kernels/vectors/vectors.hpp"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define GRAFT_BFLOAT16 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")))
#else
#define GRAFT_BFLOAT16
#endif
#define GRAFT_BFLOAT16_INLINE GRAFT_BFLOAT16 __attribute__((always_inline)) inline

namespace graft::kernels::vectors {

/// A mask of all lanes: gcc 12 takes what the intrinsics without masks leave undefined for a
/// mistake.
inline constexpr std::uint16_t kAllLanes = 0xFFFF;

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

/// Pairs of 16 numbers of each, the first ones in the lower halves.
GRAFT_BFLOAT16_INLINE Words pairs_of(const Halves& first, const Halves& second) {
  const auto pairs =
      __builtin_shufflevector(first, second, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9,
                              25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  return load_vector<Words>(&pairs);
}

GRAFT_BFLOAT16_INLINE Floats load_wide(const float* from) { return load_vector<Floats>(from); }
GRAFT_BFLOAT16_INLINE Floats load_wide(const std::uint16_t* from) {
  const Words words = pairs_of(Halves{}, load_vector<Halves>(from));
  return load_vector<Floats>(&words);
}

GRAFT_BFLOAT16_INLINE Halves round_vector(const Floats& x) {
#if defined(__x86_64__) && defined(__GNUC__)
  const auto bits = _mm512_cvtneps_pbh(reinterpret_cast<__m512>(x));
  return load_vector<Halves>(&bits);
#else
  Halves halves;
  for (int i = 0; i < kLanes; ++i) halves[i] = rounded(x[i]);
  return halves;
#endif
}
GRAFT_BFLOAT16_INLINE void store_rounded(const Floats& x, float* to) { store_vector(x, to); }
GRAFT_BFLOAT16_INLINE void store_rounded(const Floats& x, std::uint16_t* to) {
  store_vector(round_vector(x), to);
}

/// Numbers less than low become low, numbers above high become high; NaN stays NaN.
GRAFT_BFLOAT16_INLINE Floats clip(const Floats& x, float low, float high) {
#if defined(__x86_64__) && defined(__GNUC__)
  const __m512 raised = _mm512_maskz_max_ps(kAllLanes, _mm512_set1_ps(low), reinterpret_cast<__m512>(x));
  return reinterpret_cast<Floats>(_mm512_maskz_min_ps(kAllLanes, _mm512_set1_ps(high), raised));
#else
  Floats y = x;
  for (int i = 0; i < kLanes; ++i) y[i] = x[i] < low ? low : x[i] > high ? high : x[i];
  return y;
#endif
}

/// x less the nearest whole number, which goes to `whole`.
GRAFT_BFLOAT16_INLINE Floats split(const Floats& x, Floats& whole) {
#if defined(__x86_64__) && defined(__GNUC__)
  whole = reinterpret_cast<Floats>(_mm512_maskz_roundscale_ps(kAllLanes, reinterpret_cast<__m512>(x), 0));
#else
  for (int i = 0; i < kLanes; ++i) whole[i] = std::nearbyint(x[i]);
#endif
  return x - whole;
}

/// x 2^whole.
GRAFT_BFLOAT16_INLINE Floats scaled(const Floats& x, const Floats& whole) {
#if defined(__x86_64__) && defined(__GNUC__)
  return reinterpret_cast<Floats>(
      _mm512_maskz_scalef_ps(kAllLanes, reinterpret_cast<__m512>(x), reinterpret_cast<__m512>(whole)));
#else
  Floats y;
  for (int i = 0; i < kLanes; ++i) y[i] = x[i] * std::exp2(whole[i]);
  return y;
#endif
}

/// 1 / x, to 14 places.
GRAFT_BFLOAT16_INLINE Floats about_reciprocal(const Floats& x) {
#if defined(__x86_64__) && defined(__GNUC__)
  return reinterpret_cast<Floats>(_mm512_maskz_rcp14_ps(kAllLanes, reinterpret_cast<__m512>(x)));
#else
  return 1.0F / x;
#endif
}

/// x where it is a number, else y.
GRAFT_BFLOAT16_INLINE Floats where_number(const Floats& x, const Floats& y) {
  return x == x ? x : y;  // NOLINT(misc-redundant-expression): NaN differs from itself
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

}  // namespace graft::kernels::vectors
