// SPDX-License-Identifier: Apache-2.0
// Pictures that other programs write and that are easily misread: bands, depths, orientation notes.
#include <array>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/photos.hpp"

#include "pictures.hpp"
#include "support.hpp"

namespace graft {
namespace {

using Ints = std::vector<int>;

struct Tag {
  std::uint32_t id;
  std::uint32_t type;  // 3: 16 bits, 4: 32 bits
  std::uint32_t value;
};

/// A directory of a TIFF that begins at `at`, and the data of its picture.
std::string directory(std::uint32_t at, std::vector<Tag> tags, const std::string& data, std::uint32_t next) {
  const auto data_at = at + 2 + 12 * static_cast<std::uint32_t>(tags.size()) + 4;
  std::string text = test::le16(static_cast<std::uint32_t>(tags.size()));
  for (const Tag& tag : tags)
    text += test::le16(tag.id) + test::le16(tag.type) + test::le32(1) +
            test::le32(tag.id == 273 ? data_at : tag.value);
  return text + test::le32(next) + data;
}

/// One row of pixels of 8 bits, one strip.
std::string one_row_tiff(std::uint32_t samples, std::uint32_t photometric, const std::string& data,
                         std::vector<Tag> extra = {}, std::uint32_t bits = 8) {
  const auto size = static_cast<std::uint32_t>(data.size());
  std::vector<Tag> tags{{256, 4, size / samples / (bits / 8)},
                        {257, 4, 1},
                        {258, 3, bits},
                        {259, 3, 1},
                        {262, 3, photometric},
                        {273, 4, 0},
                        {277, 3, samples},
                        {278, 4, 1},
                        {279, 4, size}};
  tags.insert(tags.end(), extra.begin(), extra.end());
  return std::string("II*\0", 4) + test::le32(8) + directory(8, tags, data, 0);
}

TEST(OddTiff, AnUnspecifiedBandIsNotAlpha) {
  const std::string data("\x10\x20\x30\x80\xFF\x01\x02\x00", 8);
  EXPECT_EQ(test::pixels_of(one_row_tiff(4, 2, data, {{338, 3, 0}})), (Ints{16, 32, 48, 255, 1, 2}));
  // Alpha (2: not multiplied) is drawn on white.
  EXPECT_EQ(test::pixels_of(one_row_tiff(4, 2, data, {{338, 3, 2}}))[3], 255);
  EXPECT_EQ(test::pixels_of(one_row_tiff(4, 2, data, {{338, 3, 2}}))[4], 255);
}

TEST(OddTiff, LabWhiteIsWhite) {
  const Ints pixels = test::pixels_of(one_row_tiff(3, 8, std::string("\xFF\0\0\x88\0\0\x88\x50\0", 9)));
  EXPECT_EQ((Ints{pixels.begin(), pixels.begin() + 3}), (Ints{255, 255, 255}));
  EXPECT_NEAR(pixels[3], pixels[5], 1);  // grey
  EXPECT_GT(pixels[6], pixels[7] + 80);  // magenta
}

TEST(OddTiff, AThumbnailIsNotThePhoto) {
  const std::string small("\x01\x02\x03", 3);
  std::vector<Tag> tags{{254, 4, 1}, {256, 4, 1}, {257, 4, 1}, {258, 3, 8}, {259, 3, 1},
                        {262, 3, 2}, {273, 4, 0}, {277, 3, 3}, {278, 4, 1}, {279, 4, 3}};
  const std::string head = std::string("II*\0", 4) + test::le32(8);
  const std::string only = head + directory(8, tags, small, 0);
  EXPECT_NE(test::reason_for(only).find("thumbnail"), std::string::npos) << test::reason_for(only);
  const auto second = static_cast<std::uint32_t>(only.size() + 1);  // at an even offset
  tags[0].value = 0;
  const std::string both = head +
                           directory(8,
                                     {{254, 4, 1},
                                      {256, 4, 1},
                                      {257, 4, 1},
                                      {258, 3, 8},
                                      {259, 3, 1},
                                      {262, 3, 2},
                                      {273, 4, 0},
                                      {277, 3, 3},
                                      {278, 4, 1},
                                      {279, 4, 3}},
                                     small, second) +
                           std::string(1, '\0') + directory(second, tags, "\x07\x08\x09", 0);
  EXPECT_EQ(test::pixels_of(both), (Ints{7, 8, 9}));
}

TEST(OddTiff, NumbersOf32BitsAreRefusedInPlainWords) {
  const std::string reason = test::reason_for(one_row_tiff(1, 1, std::string(8, '\x3F'), {{339, 3, 3}}, 32));
  EXPECT_EQ(reason.find("a TIFF with 32 bits"), 0U) << reason;
}

/// The notes of a set of one photo.
std::vector<std::string> notes_of(const std::string& file) {
  const test::TemporaryFolder folder;
  test::write_file(folder.path() / "photo", file);
  return data::load_photos(data::list_photos(folder.path(), {.infer_labels = false}), {.image_size = 4})
      .notes();
}

TEST(OddPictures, NotesNameBandsThatAreNotUsedAndBlackPictures) {
  const std::vector<std::string> bands = notes_of(one_row_tiff(5, 2, std::string("\x90\x20\x30\x40\x50", 5)));
  ASSERT_EQ(bands.size(), 1U);
  EXPECT_NE(bands[0].find("5 bands"), std::string::npos) << bands[0];
  // 12 bits in 16: the upper byte has only values up to 15.
  const std::vector<std::string> black =
      notes_of(one_row_tiff(1, 1, std::string("\xFF\x0F\x00\x08", 4), {}, 16));
  ASSERT_EQ(black.size(), 1U);
  EXPECT_NE(black[0].find("nearly black"), std::string::npos) << black[0];
  EXPECT_TRUE(notes_of(test::ppm(2, 2, {200, 3, 3})).empty());
}

TEST(OddBmp, AnOffsetIntoThePaletteIsCorrected) {
  std::string palette;
  for (int i = 0; i < 4; ++i) palette += std::string{static_cast<char>(10 * i), 5, 7, 0};
  std::string file = test::bmp({.width = 2,
                                .height = 1,
                                .bits = 8,
                                .masks = {},
                                .palette = palette,
                                .data = std::string("\x03\x01\0\0", 4)});
  const Ints right = test::pixels_of(file);
  file.replace(46, 4, test::le32(4));   // four colours
  file.replace(10, 4, test::le32(54));  // pixels where the palette begins
  EXPECT_EQ(test::pixels_of(file), right);
}

std::string from_hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  return bytes;
}

TEST(OddJpeg, CmykWithoutAdobesMarkerIsInvertedToo) {
  const std::string file = from_hex(
      "ffd8ffdb0043000101010101010101010101010101010101010101010101010101010101010101010101010101010101"
      "0101010101010101010101010101010101010101010101ffc000140800080008044311004d11005911004b1100ffc400"
      "1500010100000000000000000000000000000a08ffc40014100100000000000000000000000000000000ffda000e0443"
      "004d0059004b00003f0048087c63cfe1ffd9");
  const Ints pixels = test::pixels_of(file);  // 200, 100, 50 of cyan, magenta, yellow, 255 of black: inverted
  EXPECT_NEAR(pixels[0], 200, 2);
  EXPECT_NEAR(pixels[1], 100, 2);
  EXPECT_NEAR(pixels[2], 50, 2);
}

std::uint32_t crc(const std::string& bytes) {
  std::uint32_t value = ~0U;
  for (const char c : bytes) {
    value ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? 0xEDB88320U ^ (value >> 1U) : value >> 1U;
  }
  return ~value;
}

std::string be32(std::uint32_t value) {
  const std::string little = test::le32(value);
  return {little.rbegin(), little.rend()};
}

std::string chunk(const std::string& type, const std::string& data) {
  return be32(static_cast<std::uint32_t>(data.size())) + type + data + be32(crc(type + data));
}

/// A grey PNG of one row of two pixels, 10 and 200, with a further chunk.
std::string png(const std::string& extra) {
  const std::string row("\0\x0A\xC8", 3);
  std::uint32_t a = 1, b = 0;
  for (const char c : row) b += a += static_cast<unsigned char>(c);
  const std::string stored = std::string("\x78\x01\x01\x03\0\xFC\xFF", 7) + row + be32(b << 16U | a);
  return "\x89PNG\r\n\x1A\n" + chunk("IHDR", be32(2) + be32(1) + std::string("\x08\0\0\0\0", 5)) + extra +
         chunk("IDAT", stored) + chunk("IEND", "");
}

data::DecodeOptions grey() { return {.color_mode = data::ColorMode::grayscale}; }

TEST(OddPng, OrientationInTextsIsApplied) {
  EXPECT_EQ(test::pixels_of(png(""), grey()), (Ints{10, 200}));
  const std::string exif = "4578696600004d4d002a00000008000101120003000000010003000000000000";
  const std::string magick =
      chunk("tEXt", std::string("Raw profile type exif\0", 22) + "\nexif\n      32\n" + exif + "\n");
  EXPECT_EQ(test::pixels_of(png(magick), grey()), (Ints{200, 10}));  // 3: rotated by half a turn
  const std::string begin = std::string("XML:com.adobe.xmp\0\0\0\0\0", 22);
  for (const std::string xmp : {"<x tiff:Orientation=\"3\"/>", "<tiff:Orientation>3</tiff:Orientation>"})
    EXPECT_EQ(test::pixels_of(png(chunk("iTXt", begin + xmp)), grey()), (Ints{200, 10})) << xmp;
  EXPECT_EQ(test::pixels_of(png(chunk("iTXt", begin + "<x tiff:Orientation=\"12\"/>")), grey()).size(), 2U);
  data::DecodeOptions ignored = grey();
  ignored.exif = data::Exif::ignore;
  EXPECT_EQ(test::pixels_of(png(magick), ignored), (Ints{10, 200}));
}

TEST(OddFormats, AreNamed) {
  EXPECT_NE(test::reason_for(std::string("\0\0\0\x0CjP  \r\n\x87\n", 12)).find("JPEG 2000"),
            std::string::npos);
  EXPECT_NE(test::reason_for("8BPS\0\1").find("Photoshop"), std::string::npos);
  EXPECT_NE(test::reason_for("<!DOCTYPE HTML>\n<p>404").find("a web page"), std::string::npos);
  EXPECT_NE(test::reason_for("version https://git-lfs.github.com/spec/v1\noid").find("git lfs pull"),
            std::string::npos);
  EXPECT_NE(test::reason_for("no picture at all").find("not an image"), std::string::npos);
}

}  // namespace
}  // namespace graft
