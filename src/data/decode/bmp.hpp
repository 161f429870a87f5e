// SPDX-License-Identifier: Apache-2.0
// The headers of a BMP file; bmp_header.cpp reads them, bmp.cpp and bmp_rle.cpp read the pixels.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "data/decode/byte_reader.hpp"

namespace graft::data::bmp {

enum class Compression { none, rle8, rle4, masks };

/// One channel of a pixel of 16 or 32 bits.
struct Mask {
  std::uint32_t bits = 0;
  /// 0..255 of the channel; 255 when there is no such channel.
  [[nodiscard]] std::uint8_t value(std::uint32_t pixel) const;
};

using Color = std::array<std::uint8_t, 3>;

struct Header {
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool top_down = false;
  std::uint32_t bits = 0;  ///< of a pixel
  Compression compression = Compression::none;
  std::array<Mask, 4> masks{};       ///< red, green, blue, alpha
  std::array<Color, 256> palette{};  ///< black where the file names no colour
  std::size_t data_at = 0;
};

[[nodiscard]] Header read_header(const ByteReader& in, std::int64_t max_pixels);

/// Palette indices (H * W, rows from the top) of a run-length encoded picture.
[[nodiscard]] std::vector<std::uint8_t> read_runs(const ByteReader& in, const Header& header);

}  // namespace graft::data::bmp
