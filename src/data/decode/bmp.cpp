// SPDX-License-Identifier: Apache-2.0
#include "data/decode/bmp.hpp"

#include <algorithm>

namespace graft::data {
namespace {

using bmp::Compression;
using bmp::Header;

/// Rows of the file begin at multiples of 4 bytes; the last may lack its filling.
std::size_t stride_of(const Header& header) {
  return static_cast<std::size_t>((header.width * header.bits + 31) / 32 * 4);
}

void check_length(const ByteReader& in, const Header& header) {
  const std::size_t last = static_cast<std::size_t>((header.width * header.bits + 7) / 8);
  const std::size_t needed = stride_of(header) * static_cast<std::size_t>(header.height - 1) + last;
  if (header.data_at > in.size() || in.size() - header.data_at < needed) fail_truncated("BMP");
}

/// Calls put(y from the top, x, place of the row in the file) for every pixel.
template <typename Put>
void for_each_pixel(const Header& header, const Put& put) {
  for (std::int64_t row = 0; row < header.height; ++row) {
    const std::size_t at = header.data_at + static_cast<std::size_t>(row) * stride_of(header);
    const std::int64_t y = header.top_down ? row : header.height - 1 - row;
    for (std::int64_t x = 0; x < header.width; ++x)
      put(static_cast<std::size_t>(y * header.width + x), static_cast<std::size_t>(x), at);
  }
}

void paint_packed(const ByteReader& in, const Header& header, std::uint8_t* out) {
  const std::uint32_t in_byte = 8 / header.bits;
  const std::uint32_t most = (1U << header.bits) - 1;
  for_each_pixel(header, [&](std::size_t to, std::size_t x, std::size_t at) {
    const std::uint32_t byte = in.u8(at + x / in_byte);
    const std::uint32_t shift = 8 - header.bits * (static_cast<std::uint32_t>(x % in_byte) + 1);
    std::copy_n(header.palette[(byte >> shift) & most].data(), 3, out + 3 * to);
  });
}

void paint_24(const ByteReader& in, const Header& header, std::uint8_t* out) {
  for_each_pixel(header, [&](std::size_t to, std::size_t x, std::size_t at) {
    for (std::size_t c = 0; c < 3; ++c)
      out[3 * to + c] = static_cast<std::uint8_t>(in.u8(at + 3 * x + 2 - c));
  });
}

/// Returns whether any pixel is not fully transparent: programs without alpha support write zeros there.
bool paint_masked(const ByteReader& in, const Header& header, std::uint8_t* out) {
  bool seen = false;
  for_each_pixel(header, [&](std::size_t to, std::size_t x, std::size_t at) {
    const std::uint32_t pixel = header.bits == 16 ? in.u16(at + 2 * x) : in.u32(at + 4 * x);
    for (std::size_t c = 0; c < 4; ++c) out[4 * to + c] = header.masks[c].value(pixel);
    seen = seen || out[4 * to + 3] != 0;
  });
  return seen;
}

}  // namespace

Picture decode_bmp(Bytes bytes, const DecodeOptions& options) {
  const ByteReader in(bytes, "BMP");
  const Header header = bmp::read_header(in, options.max_pixels);
  const bool runs = header.compression == Compression::rle4 || header.compression == Compression::rle8;
  if (!runs) check_length(in, header);
  const bool masked = header.bits == 16 || header.bits == 32;
  const std::vector<std::uint8_t> indices = runs ? bmp::read_runs(in, header) : std::vector<std::uint8_t>();
  Tensor pixels(Shape{header.height, header.width, masked ? 4 : 3}, DType::uint8);
  const std::span<std::uint8_t> out = pixels.data<std::uint8_t>();
  if (runs) {
    for (std::size_t i = 0; i < indices.size(); ++i)
      std::copy_n(header.palette[indices[i]].data(), 3, out.data() + 3 * i);
  } else if (masked) {
    if (!paint_masked(in, header, out.data())) {
      for (std::size_t i = 3; i < out.size(); i += 4) out[i] = 255;
    }
  } else if (header.bits == 24) {
    paint_24(in, header, out.data());
  } else {
    paint_packed(in, header, out.data());
  }
  return {.pixels = pixels};
}

}  // namespace graft::data
