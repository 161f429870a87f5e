// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#pragma GCC visibility push(default)

namespace graft {

/// Element types. Models compute in float32; tensors of the other types come from files and photos.
enum class DType { float32, float64, float16, bfloat16, int8, int16, int32, int64, uint8, boolean };

/// Bytes of one element.
[[nodiscard]] std::size_t size_of(DType type);
/// numpy's name: "float32", "uint8", "bool".
[[nodiscard]] std::string_view to_string(DType type);

/// Conversions between float32 and the two 16-bit formats; rounding to nearest even, overflow to infinity.
[[nodiscard]] float from_bfloat16(std::uint16_t bits);
[[nodiscard]] std::uint16_t to_bfloat16(float value);
[[nodiscard]] float from_float16(std::uint16_t bits);
[[nodiscard]] std::uint16_t to_float16(float value);

/// The DType of a C++ element type.
template <typename T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
  static constexpr DType value = DType::float32;
};
template <>
struct DTypeOf<double> {
  static constexpr DType value = DType::float64;
};
template <>
struct DTypeOf<std::uint8_t> {
  static constexpr DType value = DType::uint8;
};
template <>
struct DTypeOf<std::int8_t> {
  static constexpr DType value = DType::int8;
};
template <>
struct DTypeOf<std::int16_t> {
  static constexpr DType value = DType::int16;
};
template <>
struct DTypeOf<std::int32_t> {
  static constexpr DType value = DType::int32;
};
template <>
struct DTypeOf<std::int64_t> {
  static constexpr DType value = DType::int64;
};

}  // namespace graft

#pragma GCC visibility pop
