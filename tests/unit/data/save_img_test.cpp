// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/image.hpp"

#include "support.hpp"

namespace graft::data {
namespace {

std::vector<int> levels_of(const Tensor& picture) {
  const auto values = picture.data<std::uint8_t>();
  return {values.begin(), values.end()};
}

/// 16 x 24 pixels, three slopes of colour.
Tensor slopes() {
  Tensor picture(Shape{16, 24, 3});
  for (std::int64_t r = 0; r < 16; ++r) {
    for (std::int64_t c = 0; c < 24; ++c) {
      picture.at(r, c, 0) = static_cast<float>(10 * c);
      picture.at(r, c, 1) = static_cast<float>(8 * r + 5 * c);
      picture.at(r, c, 2) = static_cast<float>(255 - 9 * r);
    }
  }
  return picture;
}

template <typename Call>
std::string message_of(ErrorKind kind, const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

// The numbers of the next three tests are those of keras.utils.array_to_img, Keras 3.15.1.
TEST(ArrayToImg, ScalesAsKeras) {
  const std::array<float, 18> values{-1.5F, 0.25F, 3.0F, 0.0F, 2.0F,  -0.7F, 1.1F,   2.9F,  0.33F,
                                     2.2F,  -1.4F, 1.9F, 0.5F, 0.51F, 0.52F, 2.999F, -1.2F, 0.01F};
  const Tensor picture = array_to_img(Tensor::from({2, 3, 3}, values));
  EXPECT_EQ(picture.shape(), (Shape{2, 3, 3}));
  EXPECT_EQ(picture.dtype(), DType::uint8);
  EXPECT_EQ(levels_of(picture), (std::vector{0, 99, 255, 85, 198, 45, 147, 249, 103,  //
                                             209, 5, 192, 113, 113, 114, 254, 16, 85}));
}

TEST(ArrayToImg, CutsFractionsOffWithoutScale) {
  const std::array<float, 6> values{0.0F, 1.9F, 127.5F, 254.99F, 255.0F, 3.2F};
  EXPECT_EQ(levels_of(array_to_img(Tensor::from({1, 2, 3}, values), {.scale = false})),
            (std::vector{0, 1, 127, 254, 255, 3}));
  const std::array<float, 4> outside{-3.0F, 300.0F, std::numeric_limits<float>::quiet_NaN(), 1e20F};
  EXPECT_EQ(levels_of(array_to_img(Tensor::from({2, 2, 1}, outside), {.scale = false})),
            (std::vector{0, 255, 0, 255}));
}

TEST(ArrayToImg, OneColourIsBlack) {
  EXPECT_EQ(levels_of(array_to_img(Tensor::full({2, 2, 1}, 5))), (std::vector{0, 0, 0, 0}));
}

TEST(ArrayToImg, SaysWhatToDoWithABatch) {
  const std::string message = message_of(ErrorKind::shape_mismatch, [] {
    (void)array_to_img(Tensor(Shape{1, 4, 4, 3}));
  });
  EXPECT_NE(message.find("(1, 4, 4, 3)"), std::string::npos) << message;
  EXPECT_NE(message.find("one picture of the batch"), std::string::npos) << message;
}

TEST(SaveImg, PngKeepsEveryLevel) {
  const test::TemporaryFolder folder;
  for (const std::int64_t channels : {1, 3, 4}) {
    Tensor picture(Shape{5, 7, channels}, DType::uint8);
    std::uint8_t next = 0;
    for (std::uint8_t& level : picture.data<std::uint8_t>()) level = next += 37;
    const auto path = folder.path() / ("x" + std::to_string(channels) + ".PNG");
    save_img(path, picture, {.scale = false});
    const ColorMode mode = channels == 1   ? ColorMode::grayscale
                           : channels == 3 ? ColorMode::rgb
                                           : ColorMode::rgba;
    EXPECT_EQ(levels_of(read_image(path, {.color_mode = mode})), levels_of(picture)) << channels;
  }
}

TEST(SaveImg, JpegHasThePixelsOfKeras) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "x.jpg";
  save_img(path, slopes(), {.scale = false});
  const Tensor image = load_img(path);
  // Read back by load_img of Keras from the file that its save_img wrote of the same numbers.
  struct Pixel {
    int row, column;
    std::array<float, 3> levels;
  };
  for (const Pixel& pixel :
       {Pixel{0, 0, {0, 2, 247}}, Pixel{3, 5, {48, 49, 225}}, Pixel{7, 11, {112, 110, 193}},
        Pixel{8, 16, {162, 146, 183}}, Pixel{15, 23, {229, 232, 129}}}) {
    for (int c = 0; c < 3; ++c)
      EXPECT_EQ(image.at(pixel.row, pixel.column, c), pixel.levels.at(static_cast<std::size_t>(c)))
          << pixel.row << ' ' << pixel.column << ' ' << c;
  }
}

TEST(SaveImg, JpegOfGreyAndOfFourChannels) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "picture";
  save_img(path, Tensor::full({8, 8, 1}, 90), {.file_format = "jpeg", .scale = false, .quality = 100});
  EXPECT_EQ(read_image(path, {.color_mode = ColorMode::grayscale}).at<std::uint8_t>(3, 3, 0), 90);
  Tensor clear = Tensor::full({8, 8, 4}, 200);
  for (std::int64_t r = 0; r < 8; ++r)
    for (std::int64_t c = 0; c < 8; ++c) clear.at(r, c, 3) = 0;
  save_img(path, clear, {.file_format = "jpeg", .scale = false});
  EXPECT_EQ(read_image(path).at<std::uint8_t>(3, 3, 1), 200);
}

TEST(SaveImg, RefusesOtherFormatsAndWritesNothing) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "x.bmp";
  const std::string message = message_of(ErrorKind::invalid_argument, [&] {
    save_img(path, Tensor::full({2, 2, 3}, 1));
  });
  EXPECT_NE(message.find(".png, .jpg or .jpeg"), std::string::npos) << message;
  EXPECT_NE(message.find("\"bmp\""), std::string::npos) << message;
  (void)message_of(ErrorKind::invalid_argument, [&] {
    save_img(folder.path() / "x.jpg", Tensor::full({2, 2, 3}, 1), {.quality = 0});
  });
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace graft::data
