// SPDX-License-Identifier: Apache-2.0
#include "pictures.hpp"

#include <fstream>

#include "graft/base/fail.hpp"

namespace graft::test {

namespace fs = std::filesystem;

std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

void write_file(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::vector<std::string> relative(const std::vector<fs::path>& paths, const fs::path& folder) {
  std::vector<std::string> result;
  for (const fs::path& path : paths) result.push_back(path.lexically_relative(folder).string());
  return result;
}

std::string le16(std::uint32_t value) {
  return {static_cast<char>(value & 255U), static_cast<char>(value >> 8U & 255U)};
}

std::string le32(std::uint32_t value) { return le16(value) + le16(value >> 16U); }

std::string ppm(int width, int height, std::array<std::uint8_t, 3> color) {
  std::string text = cat("P6 ", width, ' ', height, " 255\n");
  for (int i = 0; i < width * height; ++i) {
    for (const std::uint8_t value : color) text += static_cast<char>(value);
  }
  return text;
}

std::string ramp(int width, int height, int seed) {
  std::string text = cat("P6 ", width, ' ', height, " 255\n");
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const int value : {x * 5, y * 7, seed}) text += static_cast<char>(value % 256);
    }
  }
  return text;
}

std::string bmp(const Bmp& picture) {
  const std::string rest = picture.masks + picture.palette;
  const auto data_at = static_cast<std::uint32_t>(54 + rest.size());
  const auto size = static_cast<std::uint32_t>(data_at + picture.data.size());
  return "BM" + le32(size) + le32(0) + le32(data_at) + le32(40) +
         le32(static_cast<std::uint32_t>(picture.width)) + le32(static_cast<std::uint32_t>(picture.height)) +
         le16(1) + le16(picture.bits) + le32(picture.compression) + le32(0) + le32(0) + le32(0) +
         le32(static_cast<std::uint32_t>(picture.palette.size() / 4)) + le32(0) + rest + picture.data;
}

std::string tiff(std::uint32_t orientation) {
  struct Tag {
    std::uint32_t id;
    std::uint32_t type;  // 3: 16 bits, 4: 32 bits
    std::uint32_t value;
  };
  constexpr std::uint32_t kDataAt = 8 + 2 + 10 * 12 + 4;
  const std::vector<Tag> tags{{256, 4, 3}, {257, 4, 2},       {258, 3, 8},           {259, 3, 1},
                              {262, 3, 2}, {273, 4, kDataAt}, {274, 3, orientation}, {277, 3, 3},
                              {278, 4, 2}, {279, 4, 18}};
  std::string text = std::string("II*\0", 4) + le32(8) + le16(static_cast<std::uint32_t>(tags.size()));
  for (const Tag& tag : tags) text += le16(tag.id) + le16(tag.type) + le32(1) + le32(tag.value);
  return text + le32(0) + std::string("\xFF\0\0\0\xFF\0\0\0\xFF\0\0\0\xFF\xFF\xFF\x80\x80\x80", 18);
}

std::vector<int> pixels_of(std::string_view file, const data::DecodeOptions& options) {
  const Tensor image = data::decode_image(as_bytes(file), options);
  const auto values = image.data<std::uint8_t>();
  return {values.begin(), values.end()};
}

std::string reason_for(std::string_view file, const data::DecodeOptions& options) {
  try {
    (void)data::decode_image(as_bytes(file), options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace graft::test
