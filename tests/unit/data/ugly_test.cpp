// SPDX-License-Identifier: Apache-2.0
// Awkward real files: tests/golden/data/ugly.json says what each one shows (made by goldens/make/ugly.py).
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/image.hpp"
#include "graft/photos.hpp"

#include "pictures.hpp"
#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;

/// Mean colours of the four quadrants; rows and columns in the middle count for both sides.
std::vector<double> quadrants(const Tensor& image) {
  const std::int64_t height = image.shape()[0];
  const std::int64_t width = image.shape()[1];
  const auto pixels = image.data<std::uint8_t>();
  std::vector<double> result;
  for (const std::int64_t y0 : {std::int64_t{0}, height / 2}) {
    for (const std::int64_t x0 : {std::int64_t{0}, width / 2}) {
      const std::int64_t rows = (height + 1) / 2;
      const std::int64_t columns = (width + 1) / 2;
      std::array<double, 3> sum{};
      for (std::int64_t y = y0; y < y0 + rows; ++y) {
        for (std::int64_t x = x0; x < x0 + columns; ++x) {
          for (std::size_t c = 0; c < 3; ++c)
            sum[c] += pixels[static_cast<std::size_t>(y * width + x) * 3 + c];
        }
      }
      for (const double value : sum) result.push_back(value / static_cast<double>(rows * columns));
    }
  }
  return result;
}

void expect_shown(const fs::path& path, const Json& expected) {
  Tensor image;
  try {
    image = data::read_image(path);
  } catch (const Error& error) {
    FAIL() << error.what();
  }
  EXPECT_EQ(image.shape(), (Shape{expected["size"][0], expected["size"][1], 3}));
  const std::vector<double> shown = quadrants(image);
  for (std::size_t i = 0; i < shown.size(); ++i)
    EXPECT_NEAR(shown[i], expected["quadrants"][i / 3][i % 3].get<double>(), 1.5) << "quadrant " << i / 3;
}

TEST(Ugly, EachIsShownRightOrLeftOutWithAReason) {
  GRAFT_REQUIRE_DATA(data);
  const Json table = test::read_json(test::goldens() / "ugly.json");
  ASSERT_GT(table.size(), 80U);
  for (const auto& [name, expected] : table.items()) {
    SCOPED_TRACE(name);
    const fs::path path = data / "ugly" / name;
    const auto head = test::read_file(path).substr(0, data::kImageHeadBytes);
    const auto format = data::image_format_of(test::as_bytes(head));
    if (format == data::ImageFormat::heif && !data::can_decode(format)) continue;
    if (expected["decodes"].get<bool>()) {
      expect_shown(path, expected);
    } else {
      try {
        (void)data::read_image(path);
        ADD_FAILURE() << "should be left out: " << expected["reason"];
      } catch (const Error& error) {
        EXPECT_GT(std::string(error.what()).size(), path.string().size() + 10);
      }
    }
  }
}

TEST(Ugly, ReasonsArePlain) {
  GRAFT_REQUIRE_DATA(data);
  const auto reason = [&](const char* name) {
    return test::reason_for(test::read_file(data / "ugly" / name));
  };
  EXPECT_EQ(reason("turbo_monkey12.jpg"), "12-bit JPEG is not supported");
  EXPECT_EQ(reason("pillow_ultrahdr.jpg"), "truncated JPEG: the file ends before the picture does");
  EXPECT_EQ(reason("pillow_truncated_image.png"), "truncated PNG: the file ends before the picture does");
  EXPECT_EQ(reason("pillow_bmp_b_reallybig.bmp"), "claims 3000000 x 2000000 pixels; allowed are 178956970");
  EXPECT_NE(reason("pillow_decompression_bomb.gif").find("broken GIF"), std::string::npos);
}

TEST(Exif, OrientationIsAppliedOrIgnored) {
  GRAFT_REQUIRE_DATA(data);
  const auto shape = [&](int number, data::Exif exif) {
    const std::string name = "exif_Landscape_" + std::to_string(number) + ".jpg";
    return data::read_image(data / "ugly" / name, {.exif = exif}).shape();
  };
  for (int number = 1; number <= 8; ++number) {
    EXPECT_EQ(shape(number, data::Exif::apply), (Shape{1200, 1800, 3})) << number;
    EXPECT_EQ(shape(number, data::Exif::ignore),
              number < 5 ? (Shape{1200, 1800, 3}) : (Shape{1800, 1200, 3}));
  }
}

/// 1200 x 1800 as turned, also where the file holds them lying on their side.
TEST(Jpeg, ReducedIsTheSmallestScaleThatIsLargeEnough) {
  GRAFT_REQUIRE_DATA(data);
  const data::DecodeOptions reduced{.jpeg_scale = data::JpegScale::reduced};
  for (const char* number : {"1", "6"}) {
    const fs::path path = data / "ugly" / (std::string("exif_Landscape_") + number + ".jpg");
    const std::vector<double> whole = quadrants(data::read_image(path));
    const std::vector<std::pair<Size2D, Shape>> cases{
        {{150, 225}, {150, 225, 3}},   {{151, 100}, {300, 450, 3}}, {{100, 451}, {600, 900, 3}},
        {{601, 600}, {1200, 1800, 3}}, {{1, 1}, {150, 225, 3}},     {{5000, 5000}, {1200, 1800, 3}}};
    for (const auto& [wanted, shape] : cases) {
      const Tensor image = data::read_image(path, reduced, wanted);
      ASSERT_EQ(image.shape(), shape) << number;
      const std::vector<double> shown = quadrants(image);
      for (std::size_t i = 0; i < shown.size(); ++i) EXPECT_NEAR(shown[i], whole[i], 2) << number << shape;
    }
    EXPECT_EQ(data::read_image(path, {}, {1, 1}).shape(), (Shape{1200, 1800, 3}));
    EXPECT_EQ(data::read_image(path, reduced).shape(), (Shape{1200, 1800, 3}));
  }
}

TEST(Jpeg, ReducedDecodingHasAnotherKey) {
  const std::span<const std::byte> file = test::as_bytes("a photo");
  const Hash128 exact = data::contents_of(file, {});
  EXPECT_FALSE(exact == data::contents_of(file, {.jpeg_scale = data::JpegScale::reduced}));
  EXPECT_TRUE(exact == data::contents_of(file, {}));
}

TEST(Jpeg, FastTransformMovesValuesByFewLevels) {
  GRAFT_REQUIRE_DATA(data);
  const std::string file = test::read_file(data / "ugly" / "exif_Landscape_1.jpg");
  const std::vector<int> accurate = test::pixels_of(file);
  const std::vector<int> fast = test::pixels_of(file, {.jpeg_dct = data::JpegDct::fast});
  int largest = 0;
  for (std::size_t i = 0; i < fast.size(); ++i) largest = std::max(largest, std::abs(fast[i] - accurate[i]));
  EXPECT_GT(largest, 0);
  EXPECT_LT(largest, 32);
}

const std::vector<std::string>& samples() {
  static const std::vector<std::string> names{"pillow_rgb.jpg",
                                              "turbo_testimgari.jpg",
                                              "turbo_testimgint.jpg",
                                              "pillow_pil_sample_cmyk.jpg",
                                              "pillow_hopper_gray.jpg",
                                              "pillow_pil123rgba.png",
                                              "libpng_ibasn6a16.png",
                                              "libpng_ibasn0g01.png",
                                              "pillow_hopper.webp",
                                              "pillow_iss634.webp",
                                              "pillow_transparent.webp",
                                              "imageNotFound.gif",
                                              "pillow_chi.gif",
                                              "pillow_hopper.bmp",
                                              "pillow_hopper_rle8.bmp",
                                              "pillow_bmp_g_rgb16-565.bmp",
                                              "pillow_hopper.tif",
                                              "pillow_tiff_16bit_RGB.tiff",
                                              "pillow_tiff_strip_cmyk_jpeg.tif",
                                              "pillow_hopper_16bit.pgm",
                                              "pillow_avif_hopper.avif",
                                              "pillow_avif_hopper.heif"};
  return names;
}

/// Cut anywhere, a file is refused or, where all of its picture is there, shows exactly what it did.
TEST(Hostile, TruncatedFilesAreRefusedOrShowTheWholePicture) {
  GRAFT_REQUIRE_DATA(data);
  for (const std::string& name : samples()) {
    const std::string file = test::read_file(data / "ugly" / name);
    if (!data::can_decode(data::image_format_of(test::as_bytes(file)))) continue;
    const std::vector<int> whole = test::pixels_of(file);
    std::size_t refused = 0;
    const std::size_t step = std::max<std::size_t>(file.size() / 60, 1);
    for (std::size_t length = 0;
         length<file.size(); length += length + 40> file.size() || length < 40 ? 1 : step) {
      try {
        EXPECT_TRUE(test::pixels_of(file.substr(0, length)) == whole) << name << " cut to " << length;
      } catch (const Error&) {
        ++refused;
      }
    }
    EXPECT_GT(refused, 40U) << name;
  }
}

TEST(Hostile, ChangedBytesNeverDoMoreThanThrowAnError) {
  GRAFT_REQUIRE_DATA(data);
  std::mt19937 random(7);
  for (const std::string& name : samples()) {
    const std::string file = test::read_file(data / "ugly" / name);
    for (int round = 0; round < 25; ++round) {
      std::string changed = file;
      const std::size_t within = round % 2 == 0 ? std::min<std::size_t>(file.size(), 200) : file.size();
      for (int n = 0; n < 1 + round % 5; ++n) changed[random() % within] = static_cast<char>(random());
      // Small enough that a size made up by chance costs no memory.
      (void)test::reason_for(changed, {.max_pixels = 1 << 20});
    }
  }
}

}  // namespace
}  // namespace graft
