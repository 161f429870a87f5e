// SPDX-License-Identifier: Apache-2.0
// bfloat16, the upper half of a float, as ranks exchange it. Inline, for loops over all gradients; `tensor`
// is above this module.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace graft::cluster {

/// The nearest number with the lower half zero, ties to even; infinite and no number stay what they are.
inline float rounded_to_bfloat16(float value) {
  constexpr std::uint32_t kUpper = 0xFFFF0000U, kMagnitude = 0x7FFFFFFFU, kInfinity = 0x7F800000U;
  constexpr std::uint32_t kQuiet = 0x00400000U;
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = bits + 0x7FFFU + ((bits >> 16U) & 1U);
  const bool is_number = (bits & kMagnitude) <= kInfinity;
  return std::bit_cast<float>((is_number ? rounded : bits | kQuiet) & kUpper);
}

/// Writes rounded numbers as 16 bits each.
inline void pack_bfloat16(std::span<const float> values, std::span<std::byte> to) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto upper = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(values[i]) >> 16U);
    std::memcpy(to.data() + 2 * i, &upper, 2);
  }
}
inline void unpack_bfloat16(std::span<const std::byte> from, std::span<float> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint16_t upper = 0;
    std::memcpy(&upper, from.data() + 2 * i, 2);
    values[i] = std::bit_cast<float>(static_cast<std::uint32_t>(upper) << 16U);
  }
}

}  // namespace graft::cluster
