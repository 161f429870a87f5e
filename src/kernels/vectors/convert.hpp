// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "graft/kernels/view.hpp"

namespace graft::kernels::vectors {

/// The bfloat16 number nearest to x, of two equally near ones the even one. NaN must not be rounded to
/// infinity: the highest bit of its fraction is set instead.
[[gnu::always_inline]] inline std::uint16_t rounded(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t nearest = bits + 0x7FFFU + ((bits >> 16U) & 1U);
  const bool is_nan = (bits & 0x7FFFFFFFU) > 0x7F800000U;
  return static_cast<std::uint16_t>((is_nan ? bits | 0x400000U : nearest) >> 16U);
}
[[gnu::always_inline]] inline float widened(std::uint16_t x) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(x) << 16U);
}

// For loops over elements of either type.
[[gnu::always_inline]] inline float widen(float x) { return x; }
[[gnu::always_inline]] inline float widen(std::uint16_t x) { return widened(x); }
[[gnu::always_inline]] inline void put(float value, float& to) { to = value; }
[[gnu::always_inline]] inline void put(float value, std::uint16_t& to) { to = rounded(value); }

// float32 to bfloat16, rounding to nearest even, and back; on all kernel threads.
void to_bfloat16(const float* x, std::uint16_t* y, std::size_t count);
void from_bfloat16(const std::uint16_t* x, float* y, std::size_t count);

// The same for one thread and elements that are in the cache.
void to_bfloat16_block(const float* x, std::uint16_t* y, std::size_t count);
void from_bfloat16_block(const std::uint16_t* x, float* y, std::size_t count);

// float32 to an array of bfloat16, or of uint8 or int8 as whole numbers times a scale, and back; on all
// kernel threads. Rounding is to the nearest number, of two equally near ones to the even one. A number that
// the type cannot hold becomes the nearest that it can, and NaN the least of 8 bits.
void to_format(float scale, const float* x, const MutableView& y, std::size_t count);
void from_format(float scale, const View& x, float* y, std::size_t count);
/// y = x / scale, number by number, rounded as to_format does; one thread.
void to_int8(const float* x, const float* scale, std::int8_t* y, std::size_t count);

}  // namespace graft::kernels::vectors
