// SPDX-License-Identifier: Apache-2.0
#include "data/decode/picture.hpp"

#include <array>

#include "graft/base/fail.hpp"
#include "graft/base/target_clones.hpp"

namespace graft::data {
namespace {

/// Position in the stored picture of the pixel at (y, x) of the rotated one: base + y * down + x * right.
struct Walk {
  std::int64_t base;
  std::int64_t down;
  std::int64_t right;
};

Walk walk(std::int64_t height, std::int64_t width, int orientation) {
  const std::int64_t last_row = (height - 1) * width;
  const std::int64_t last = width - 1;
  switch (orientation) {
    case 2:
      return {last, width, -1};
    case 3:
      return {last_row + last, -width, -1};
    case 4:
      return {last_row, -width, 1};
    case 5:
      return {0, 1, width};
    case 6:
      return {last_row, 1, -width};
    case 7:
      return {last_row + last, -1, -width};
    case 8:
      return {last, -1, width};
    default:
      return {0, width, 1};
  }
}

template <int kChannels>
void copy_turned(const std::uint8_t* in, std::uint8_t* out, const Shape& turned, const Walk& way) {
  for (std::int64_t y = 0; y < turned[0]; ++y) {
    const std::uint8_t* from = in + (way.base + y * way.down) * kChannels;
    for (std::int64_t x = 0; x < turned[1]; ++x, out += kChannels, from += way.right * kChannels) {
      for (int c = 0; c < kChannels; ++c) out[c] = from[c];
    }
  }
}

/// value on white under alpha, rounded.
std::uint8_t on_white(unsigned value, unsigned alpha) {
  return static_cast<std::uint8_t>((value * alpha + 255U * (255U - alpha) + 127U) / 255U);
}

/// ITU-R 601 luma in 16-bit fixed point, rounded, as Pillow's convert("L").
std::uint8_t luma(unsigned r, unsigned g, unsigned b) {
  return static_cast<std::uint8_t>((r * 19595U + g * 38470U + b * 7471U + 0x8000U) >> 16U);
}

/// (pixels, 3) to (pixels, 1). Every photo that is measured comes through here.
GRAFT_CLONES void rgb_to_grey(const std::uint8_t* rgb, std::uint8_t* grey, std::int64_t pixels) {
  for (std::int64_t i = 0; i < pixels; ++i) grey[i] = luma(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]);
}

template <int kFrom, int kTo>
void convert(const std::uint8_t* in, std::uint8_t* out, std::int64_t pixels) {
  if constexpr (kFrom == 3 && kTo == 1) return rgb_to_grey(in, out, pixels);
  for (std::int64_t i = 0; i < pixels; ++i, in += kFrom, out += kTo) {
    std::array<std::uint8_t, 4> p{in[0], in[kFrom == 1 ? 0 : 1], in[kFrom == 1 ? 0 : 2], 255};
    if constexpr (kFrom == 4 && kTo == 4) p[3] = in[3];
    if constexpr (kFrom == 4 && kTo != 4) {
      for (int c = 0; c < 3; ++c) p[static_cast<std::size_t>(c)] = on_white(in[c], in[3]);
    }
    if constexpr (kTo == 1) {
      out[0] = kFrom == 1 ? p[0] : luma(p[0], p[1], p[2]);
    } else {
      for (int c = 0; c < kTo; ++c) out[c] = p[static_cast<std::size_t>(c)];
    }
  }
}

template <int kFrom>
void convert_from(const std::uint8_t* in, std::uint8_t* out, std::int64_t pixels, int to) {
  if (to == 1) convert<kFrom, 1>(in, out, pixels);
  if (to == 3) convert<kFrom, 3>(in, out, pixels);
  if (to == 4) convert<kFrom, 4>(in, out, pixels);
}

}  // namespace

void check_size(std::string_view format, std::int64_t width, std::int64_t height, std::int64_t max_pixels) {
  if (width < 1 || height < 1)
    fail(ErrorKind::bad_file, "broken ", format, ": its size is ", width, " x ", height, " pixels");
  if (height > max_pixels / width) {
    fail(ErrorKind::resource_limit, "claims ", width, " x ", height, " pixels; allowed are ", max_pixels);
  }
}

void fail_truncated(std::string_view format) {
  fail(ErrorKind::bad_file, "truncated ", format, ": the file ends before the picture does");
}

Tensor turn(const Tensor& pixels, int orientation) {
  if (orientation <= 1 || orientation > 8) return pixels;
  const Shape& stored = pixels.shape();
  const bool swaps = orientation >= 5;
  const Shape turned{stored[swaps ? 1 : 0], stored[swaps ? 0 : 1], stored[2]};
  Tensor result(turned, DType::uint8);
  const Walk way = walk(stored[0], stored[1], orientation);
  const std::uint8_t* in = pixels.data<std::uint8_t>().data();
  std::uint8_t* out = result.data<std::uint8_t>().data();
  if (stored[2] == 1) copy_turned<1>(in, out, turned, way);
  if (stored[2] == 3) copy_turned<3>(in, out, turned, way);
  if (stored[2] == 4) copy_turned<4>(in, out, turned, way);
  return result;
}

Tensor to_color_mode(const Tensor& pixels, ColorMode mode) {
  const Shape& shape = pixels.shape();
  const int to = channels_of(mode);
  if (shape[2] == to) return pixels;
  Tensor result(Shape{shape[0], shape[1], to}, DType::uint8);
  const std::int64_t count = shape[0] * shape[1];
  const std::uint8_t* in = pixels.data<std::uint8_t>().data();
  std::uint8_t* out = result.data<std::uint8_t>().data();
  if (shape[2] == 1) convert_from<1>(in, out, count, to);
  if (shape[2] == 3) convert_from<3>(in, out, count, to);
  if (shape[2] == 4) convert_from<4>(in, out, count, to);
  return result;
}

}  // namespace graft::data
