// SPDX-License-Identifier: Apache-2.0
// How layers' options are written in Keras's configs, of any year: numbers or lists, names or serialised
// objects.
#pragma once

#include <cstdint>
#include <string>

#include "graft/base/fields.hpp"
#include "graft/layers/layer.hpp"
#include "graft/tensor.hpp"

namespace graft {

inline constexpr EnumName<Padding> kPaddingNames[] = {{Padding::valid, "valid"}, {Padding::same, "same"}};
inline constexpr EnumName<Flip> kFlipNames[] = {{Flip::horizontal, "horizontal"},
                                                {Flip::vertical, "vertical"},
                                                {Flip::horizontal_and_vertical, "horizontal_and_vertical"}};
inline constexpr EnumName<Fill> kFillNames[] = {{Fill::reflect, "reflect"},
                                                {Fill::nearest, "nearest"},
                                                {Fill::wrap, "wrap"},
                                                {Fill::constant, "constant"}};
template <>
struct Codec<Padding> : EnumCodec<kPaddingNames> {};
template <>
struct Codec<Flip> : EnumCodec<kFlipNames> {};
template <>
struct Codec<Fill> : EnumCodec<kFillNames> {};

/// [height, width]; one number is read as both.
template <>
struct Codec<Size2D> {
  static constexpr const char* kType = "(height, width)";
  static void read(const ConfigReader& reader, const char* key, Size2D& value);
  static Json write(const Size2D& value);
};
/// [low, high], or f for (-f, f).
template <>
struct Codec<SymmetricRange> {
  static constexpr const char* kType = "number or (low, high)";
  static void read(const ConfigReader& reader, const char* key, SymmetricRange& value);
  static Json write(const SymmetricRange& value);
};

namespace layers {

/// Always [low, high].
struct RangeCodec : Codec<SymmetricRange> {
  static constexpr const char* kType = "(low, high)";
  static Json write(const SymmetricRange& value);
};
/// An axis, also read from a list of one.
struct AxisCodec {
  static constexpr const char* kType = "integer";
  static void read(const ConfigReader& reader, const char* key, std::int64_t& value);
  static Json write(std::int64_t value) { return value; }
};
/// Sizes, -1 for an open one.
struct SizesCodec {
  static constexpr const char* kType = "shape";
  static void read(const ConfigReader& reader, const char* key, Shape& value);
  static Json write(const Shape& value);
};
/// Sizes, null for an open one; null for no axes at all.
struct NullableSizesCodec : SizesCodec {
  static Json write(const Shape& value);
};
/// An activation's name, also read from a serialised function. A serialised layer that is an activation
/// becomes the name of the same function, or where it has none Keras's JSON (lower_activation() reads both).
struct ActivationCodec {
  static constexpr const char* kType = "activation";
  static void read(const ConfigReader& reader, const char* key, std::string& value);
  static Json write(const std::string& value);
};
/// An initializer's name or call; written as Keras's object where it has settings.
struct InitializerCodec {
  static constexpr const char* kType = "initializer";
  static void read(const ConfigReader& reader, const char* key, std::string& value);
  static Json write(const std::string& value);
};

/// Rows and columns at the four sides of an image.
struct Sides {
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;
};
/// One number, (vertical, horizontal) or ((top, bottom), (left, right)).
[[nodiscard]] Sides read_sides(const ConfigReader& reader, const char* key);
[[nodiscard]] Json write_sides(const Sides& sides);
/// Of options with the members top, bottom, left and right.
template <typename Options>
struct SidesCodec {
  static constexpr const char* kType = "((top, bottom), (left, right))";
  static void read(const ConfigReader& reader, const char* key, Options& options) {
    const Sides sides = read_sides(reader, key);
    options.top = sides.top;
    options.bottom = sides.bottom;
    options.left = sides.left;
    options.right = sides.right;
  }
  static Json write(const Options& options) {
    return write_sides({options.top, options.bottom, options.left, options.right});
  }
};

/// Throws Error{unsupported} for channels_first.
void require_channels_last(const ConfigReader& reader);
/// data_format: channels_last is written, channels_first is refused.
template <typename Options>
[[nodiscard]] constexpr FieldOf<Options> data_format_field() {
  return fixed_field<Options>(
      "data_format", [](const void*) -> Json { return "channels_last"; },
      [](const ConfigReader& reader, const char*, void*) { require_channels_last(reader); });
}
/// Throws Error{unsupported}: "CLASS 'NAME': KEY VALUE is not supported; HINT".
[[noreturn]] void refuse(const ConfigReader& reader, const char* class_name, const std::string& what);

}  // namespace layers
}  // namespace graft
