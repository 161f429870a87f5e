// SPDX-License-Identifier: Apache-2.0
// Small picture files made by hand, for tests that need no photos.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/image.hpp"

namespace graft::test {

[[nodiscard]] std::span<const std::byte> as_bytes(std::string_view text);
/// Writes a file and the folders it needs.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// The paths below a folder, as text.
[[nodiscard]] std::vector<std::string> relative(const std::vector<std::filesystem::path>& paths,
                                                const std::filesystem::path& folder);

[[nodiscard]] std::string le16(std::uint32_t value);
[[nodiscard]] std::string le32(std::uint32_t value);

/// A binary PPM of one colour.
[[nodiscard]] std::string ppm(int width, int height, std::array<std::uint8_t, 3> color);
/// A binary PPM whose pixels all differ: (x, y, seed).
[[nodiscard]] std::string ramp(int width, int height, int seed);

struct Bmp {
  std::int32_t width = 0;
  std::int32_t height = 0;  ///< negative: from the top
  std::uint32_t bits = 24;
  std::uint32_t compression = 0;
  std::string masks;
  std::string palette;  ///< 4 bytes each
  std::string data;
};
[[nodiscard]] std::string bmp(const Bmp& picture);

/// An uncompressed rgb TIFF of two rows of three pixels: red green blue / black white grey.
[[nodiscard]] std::string tiff(std::uint32_t orientation);

/// The pixels as numbers; the reason when it is not a picture.
[[nodiscard]] std::vector<int> pixels_of(std::string_view file, const data::DecodeOptions& options = {});
[[nodiscard]] std::string reason_for(std::string_view file, const data::DecodeOptions& options = {});

}  // namespace graft::test
