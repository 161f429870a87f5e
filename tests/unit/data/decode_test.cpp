// SPDX-License-Identifier: Apache-2.0
// Decoding of pictures small enough to be written down; real files are in ugly_test.cpp.
#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/image.hpp"

#include "pictures.hpp"
#include "support.hpp"

namespace graft {
namespace {

using data::ColorMode;
using data::Exif;
using data::ImageFormat;
using test::as_bytes;
using test::bmp;
using test::le16;
using test::le32;
using test::pixels_of;
using test::reason_for;
using namespace std::string_literals;
using Ints = std::vector<int>;

TEST(Recognise, GoesByContent) {
  const auto format = [](const std::string& head) { return data::image_format_of(as_bytes(head)); };
  EXPECT_EQ(format("\xFF\xD8\xFF\xE0"), ImageFormat::jpeg);
  EXPECT_EQ(format("\x89PNG\r\n\x1A\n"), ImageFormat::png);
  EXPECT_EQ(format("RIFF\x10\0\0\0WEBPVP8 "s), ImageFormat::webp);
  EXPECT_EQ(format("GIF89a"), ImageFormat::gif);
  EXPECT_EQ(format(bmp({.width = 1, .height = 1, .data = "abcd"})), ImageFormat::bmp);
  EXPECT_EQ(format("P5\n1 1 255\n"), ImageFormat::pnm);
  EXPECT_EQ(format("MM\0*"s), ImageFormat::tiff);
  EXPECT_EQ(format("\0\0\0\x1c"
                   "ftypavif"s),
            ImageFormat::heif);
  EXPECT_EQ(format("\0\0\0\x1c"
                   "ftypisom\0\0\0\0mif1"s),
            ImageFormat::heif);
  for (const std::string& other :
       {"BM is how this text begins, no more"s, "P7 x"s, "P5"s, ""s, "RIFFxxxxWAVE"s})
    EXPECT_EQ(format(other), ImageFormat::unknown) << other;
}

TEST(Decode, RefusesOtherTensors) {
  EXPECT_EQ(reason_for(""), "empty file");
  EXPECT_EQ(reason_for("hello, world").substr(0, 12), "not an image");
  try {
    (void)data::decode_image(as_bytes("P6 9 9 255\n"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_file);
  }
}

TEST(Decode, RefusesTooManyPixelsBeforeTakingMemory) {
  const std::string huge = "P6 44000 44000 255\n";
  EXPECT_EQ(reason_for(huge), "claims 44000 x 44000 pixels; allowed are 178956970");
  EXPECT_EQ(reason_for(test::ppm(3, 4, {1, 2, 3}), {.max_pixels = 11}),
            "claims 3 x 4 pixels; allowed are 11");
  EXPECT_EQ(reason_for(test::ppm(3, 4, {1, 2, 3}), {.max_pixels = 12}), "");
  EXPECT_NE(reason_for(bmp({.width = 0x7FFFFFFF, .height = 0x7FFFFFFF})).find("claims"), std::string::npos);
}

TEST(Decode, ReadImageNamesThePath) {
  const test::TemporaryFolder folder;
  const auto message = [](const std::filesystem::path& path) {
    try {
      (void)data::read_image(path);
    } catch (const Error& error) {
      return std::string(data::to_string(ImageFormat::unknown)) + std::string(error.what());
    }
    return std::string();
  };
  const auto path = folder.path() / "grün.jpg";
  EXPECT_NE(message(path).find("grün.jpg: there is no such file"), std::string::npos);
  EXPECT_NE(message(folder.path()).find("not a regular file"), std::string::npos);
  test::write_file(path, "");
  EXPECT_NE(message(path).find("grün.jpg: empty file"), std::string::npos);
  test::write_file(path, test::ppm(2, 1, {7, 8, 9}));
  EXPECT_EQ(data::read_image(path).shape(), (Shape{1, 2, 3}));
}

TEST(Decode, ColorModes) {
  const std::string red = test::ppm(1, 1, {200, 100, 50});
  EXPECT_EQ(pixels_of(red), (Ints{200, 100, 50}));
  EXPECT_EQ(pixels_of(red, {.color_mode = ColorMode::rgba}), (Ints{200, 100, 50, 255}));
  EXPECT_EQ(pixels_of(red, {.color_mode = ColorMode::grayscale}), (Ints{124}));
  const std::string grey = "P5 2 1 255\n\x10\x80";
  EXPECT_EQ(pixels_of(grey), (Ints{16, 16, 16, 128, 128, 128}));
  EXPECT_EQ(pixels_of(grey, {.color_mode = ColorMode::grayscale}), (Ints{16, 128}));
}

TEST(Decode, TransparentPixelsLieOnWhite) {
  // Blue, green, red, alpha: one pixel a quarter opaque, one not at all.
  const std::string masks = le32(0xFF0000) + le32(0xFF00) + le32(0xFF) + le32(0xFF000000);
  const std::string file = bmp({.width = 2,
                                .height = 1,
                                .bits = 32,
                                .compression = 6,
                                .masks = masks,
                                .data = "\x08\x04\x00\x40\x01\x02\x03\x00"s});
  EXPECT_EQ(pixels_of(file), (Ints{191, 192, 193, 255, 255, 255}));
  EXPECT_EQ(pixels_of(file, {.color_mode = ColorMode::rgba}), (Ints{0, 4, 8, 64, 3, 2, 1, 0}));
}

TEST(Pnm, AllSixKinds) {
  EXPECT_EQ(pixels_of("P1 #c\n3 1 101", {.color_mode = ColorMode::grayscale}), (Ints{0, 255, 0}));
  EXPECT_EQ(pixels_of("P2\n# a comment\n2 1\n100\n50 100", {.color_mode = ColorMode::grayscale}),
            (Ints{128, 255}));
  EXPECT_EQ(pixels_of("P3 1 1 255 1 2 3"), (Ints{1, 2, 3}));
  EXPECT_EQ(pixels_of("P4 9 2\n\xAA\x80\x55\0"s, {.color_mode = ColorMode::grayscale}),
            (Ints{0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255}));
  EXPECT_EQ(pixels_of("P5 2 1 65535\n\x80\x80\xFF\xFF", {.color_mode = ColorMode::grayscale}),
            (Ints{128, 255}));
  EXPECT_EQ(pixels_of("P6 1 1 65535\n\x01\x01\x02\x02\x03\x03"), (Ints{1, 2, 3}));
}

TEST(Pnm, ReportsTheDefect) {
  EXPECT_NE(reason_for("P6 2 2 255\nabc").find("truncated PNM"), std::string::npos);
  EXPECT_NE(reason_for("P3 1 1 255 1 2").find("truncated PNM"), std::string::npos);
  EXPECT_NE(reason_for("P6 -2 2 255\nabc").find("broken PNM"), std::string::npos);
  EXPECT_NE(reason_for("P6 0 2 255\nabc").find("0 x 2"), std::string::npos);
  EXPECT_NE(reason_for("P5 1 1 70000\nabc").find("largest value"), std::string::npos);
  EXPECT_NE(reason_for("P5 99999999999999999999 1 255\n").find("too large"), std::string::npos);
}

TEST(Bmp, RowsFromBelowAndFromTheTop) {
  const std::string data = "\x01\x02\x03\x04\x05\x06\0\0\x07\x08\x09\x0A\x0B\x0C\0\0"s;
  EXPECT_EQ(pixels_of(bmp({.width = 2, .height = 2, .data = data})),
            (Ints{9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(pixels_of(bmp({.width = 2, .height = -2, .data = data})),
            (Ints{3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10}));
  EXPECT_EQ(reason_for(bmp({.width = 2, .height = 2, .data = data.substr(0, 14)})), "");
  EXPECT_NE(reason_for(bmp({.width = 2, .height = 2, .data = data.substr(0, 13)})).find("truncated BMP"),
            std::string::npos);
}

TEST(Bmp, PalettesAndMasks) {
  const std::string palette = "\x01\x02\x03\0\x0A\x0B\x0C\0"s;
  const Ints both{3, 2, 1, 12, 11, 10};
  EXPECT_EQ(pixels_of(bmp({.width = 2, .height = 1, .bits = 1, .palette = palette, .data = "\x40\0\0\0"s})),
            both);
  EXPECT_EQ(pixels_of(bmp({.width = 2, .height = 1, .bits = 4, .palette = palette, .data = "\x01\0\0\0"s})),
            both);
  EXPECT_EQ(pixels_of(bmp({.width = 2, .height = 1, .bits = 8, .palette = palette, .data = "\0\x01\0\0"s})),
            both);
  EXPECT_EQ(pixels_of(bmp({.width = 1, .height = 1, .bits = 8, .palette = palette, .data = "\xC8\0\0\0"s})),
            (Ints{0, 0, 0}))
      << "an index without a colour is black";
  EXPECT_EQ(pixels_of(bmp({.width = 1, .height = 1, .bits = 16, .data = "\x1F\x7C\0\0"s})),
            (Ints{255, 0, 255}));
  const std::string masks = le32(0xF800) + le32(0x07E0) + le32(0x001F);
  EXPECT_EQ(
      pixels_of(bmp(
          {.width = 1, .height = 1, .bits = 16, .compression = 3, .masks = masks, .data = "\xE0\x07\0\0"s})),
      (Ints{0, 255, 0}));
  EXPECT_EQ(pixels_of(bmp({.width = 1, .height = 1, .bits = 32, .data = "\x01\x02\x03\0"s})),
            (Ints{3, 2, 1}));
}

TEST(Bmp, RunLengths) {
  const std::string palette = "\0\0\0\0\x01\x01\x01\0\x02\x02\x02\0"s;
  const auto grey = [&](std::uint32_t bits, std::uint32_t compression, const std::string& data) {
    return pixels_of(bmp({.width = 4,
                          .height = 2,
                          .bits = bits,
                          .compression = compression,
                          .palette = palette,
                          .data = data}),
                     {.color_mode = ColorMode::grayscale});
  };
  // A run of 3, end of row, an absolute run of 3 (filled to 4 bytes), end.
  EXPECT_EQ(grey(8, 1, "\3\1\0\0\0\3\1\2\1\0\0\1"s), (Ints{1, 2, 1, 0, 1, 1, 1, 0}));
  // Move right 1 and up 1, a run of 2.
  EXPECT_EQ(grey(8, 1, "\0\2\1\1\2\2\0\1"s), (Ints{0, 2, 2, 0, 0, 0, 0, 0}));
  EXPECT_EQ(grey(4, 2, "\4\x12\0\0\0\3\x21\x20\0\1"s), (Ints{2, 1, 2, 0, 1, 2, 1, 2}));
  const auto reason = [&](const std::string& data) {
    return reason_for(
        bmp({.width = 4, .height = 2, .bits = 8, .compression = 1, .palette = palette, .data = data}));
  };
  EXPECT_NE(reason("\3\1\0\0"s).find("truncated"), std::string::npos);
  EXPECT_NE(reason("\x20\1\0\1"s).find("leaves its row"), std::string::npos);
  EXPECT_EQ(reason("\4\1\0\0\4\1"s), "") << "both rows are there, only the end mark is missing";
}

TEST(Orientation, AllEightFromTiff) {
  // Stored: r g b / k w a. What each orientation means is in the EXIF standard, 0112H.
  const auto letters = [](std::uint32_t orientation, Exif exif) {
    const Tensor image = data::decode_image(as_bytes(test::tiff(orientation)), {.exif = exif});
    std::string text = std::to_string(image.shape()[0]) + ":";
    const auto p = image.data<std::uint8_t>();
    for (std::size_t i = 0; i < p.size(); i += 3) {
      if (p[i] == p[i + 1]) {
        text += p[i + 2] == 255 ? (p[i] == 255 ? 'w' : 'b') : (p[i] == 0 ? 'k' : 'a');
      } else {
        text += p[i] == 255 ? 'r' : 'g';
      }
    }
    return text;
  };
  const std::vector<std::string> shown{"2:rgbkwa", "2:bgrawk", "2:awkbgr", "2:kwargb",
                                       "3:rkgwba", "3:krwgab", "3:abwgkr", "3:bagwrk"};
  for (std::uint32_t orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(letters(orientation, Exif::apply), shown[orientation - 1]) << orientation;
    EXPECT_EQ(letters(orientation, Exif::ignore), shown[0]) << orientation;
  }
  EXPECT_EQ(letters(77, Exif::apply), shown[0]);
}

}  // namespace
}  // namespace graft
