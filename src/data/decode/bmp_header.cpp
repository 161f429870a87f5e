// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "graft/base/fail.hpp"

#include "data/decode/bmp.hpp"

namespace graft::data::bmp {
namespace {

constexpr std::size_t kFileHeader = 14;
constexpr std::uint32_t kCoreHeader = 12;  // OS/2 1: 16-bit sizes, colours of 3 bytes
constexpr std::uint32_t kInfoHeader = 40;

struct Dib {
  std::uint32_t length = 0;
  std::uint32_t compression = 0;
  std::uint32_t colors = 0;
};

Compression compression_of(const Dib& dib, std::uint32_t bits) {
  const bool is_os2 = dib.length == 16 || dib.length == 64;
  if (dib.compression == 0) return Compression::none;
  if (dib.compression == 1 && bits == 8) return Compression::rle8;
  if (dib.compression == 2 && bits == 4) return Compression::rle4;
  if ((dib.compression == 3 || dib.compression == 6) && !is_os2 && (bits == 16 || bits == 32))
    return Compression::masks;
  fail(ErrorKind::unsupported, "BMP compression ", dib.compression, " with ", bits, " bits is not supported");
}

/// Masks are in the header when it is long enough, else directly after it. Returns the bytes that follow.
std::size_t read_masks(const ByteReader& in, const Dib& dib, Header& header) {
  if (header.compression != Compression::masks) {
    const bool is_16 = header.bits == 16;
    header.masks = {Mask{is_16 ? 0x7C00U : 0xFF0000U}, Mask{is_16 ? 0x03E0U : 0xFF00U},
                    Mask{is_16 ? 0x001FU : 0xFFU}, Mask{0}};
    return 0;
  }
  const bool has_alpha = dib.length >= 56 || dib.compression == 6;
  const std::size_t count = has_alpha ? 4 : 3;
  for (std::size_t i = 0; i < count; ++i) header.masks[i].bits = in.u32(kFileHeader + kInfoHeader + 4 * i);
  return dib.length >= 52 ? 0 : 4 * count;
}

void read_palette(const ByteReader& in, const Dib& dib, std::size_t at, Header& header) {
  if (header.bits > 8) return;
  const std::size_t entry = dib.length == kCoreHeader ? 3 : 4;
  std::size_t count = std::size_t{1} << header.bits;
  if (dib.colors != 0) count = std::min<std::size_t>(count, dib.colors);
  if (dib.colors != 0 && header.data_at > 0 && header.data_at < at + count * entry) {
    header.data_at = 0;  // an offset into the palette that the header announces is wrong
  } else if (header.data_at > at) {
    count = std::min(count, (header.data_at - at) / entry);  // a palette without a length ends there
  }
  for (std::size_t i = 0; i < count; ++i, at += entry) {
    for (std::size_t c = 0; c < 3; ++c) header.palette[i][c] = static_cast<std::uint8_t>(in.u8(at + 2 - c));
  }
  if (header.data_at == 0) header.data_at = at;
}

}  // namespace

std::uint8_t Mask::value(std::uint32_t pixel) const {
  if (bits == 0) return 255;
  const int shift = std::countr_zero(bits);
  const std::uint64_t most = bits >> shift;
  const std::uint64_t part = (pixel & bits) >> shift;
  return static_cast<std::uint8_t>((part * 255U + most / 2) / most);
}

Header read_header(const ByteReader& in, std::int64_t max_pixels) {
  Header header;
  Dib dib;
  dib.length = in.u32(kFileHeader);
  if (dib.length == kCoreHeader) {
    header.width = in.u16(18);
    header.height = in.u16(20);
    header.bits = in.u16(24);
  } else {
    header.width = static_cast<std::int32_t>(in.u32(18));
    const std::int64_t height = static_cast<std::int32_t>(in.u32(22));
    header.top_down = height < 0;
    header.height = height < 0 ? -height : height;
    header.bits = in.u16(28);
    if (dib.length >= kInfoHeader) {
      dib.compression = in.u32(30);
      dib.colors = in.u32(46);
    }
  }
  check_size("BMP", header.width, header.height, max_pixels);
  constexpr std::array kBits{1U, 2U, 4U, 8U, 16U, 24U, 32U};
  if (std::find(kBits.begin(), kBits.end(), header.bits) == kBits.end())
    fail(ErrorKind::bad_file, "broken BMP: ", header.bits, " bits a pixel");
  header.compression = compression_of(dib, header.bits);
  header.data_at = in.u32(10);
  const std::size_t end = kFileHeader + dib.length + read_masks(in, dib, header);
  if (header.data_at != 0 && header.data_at < end) header.data_at = 0;
  read_palette(in, dib, end, header);
  if (header.data_at == 0) header.data_at = end;
  return header;
}

}  // namespace graft::data::bmp
