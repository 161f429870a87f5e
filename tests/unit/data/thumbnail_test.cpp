// SPDX-License-Identifier: Apache-2.0
#include "graft/data/thumbnail.hpp"

#include <fstream>
#include <span>

#include <gtest/gtest.h>

#include "graft/data/write_jpeg.hpp"
#include "graft/data/write_png.hpp"
#include "graft/error.hpp"

#include "data/decode/picture.hpp"
#include "support.hpp"

namespace graft::data {
namespace {

Tensor gradient(std::int64_t height, std::int64_t width) {
  Tensor picture({height, width, 3}, DType::uint8);
  for (std::int64_t i = 0; i < height * width * 3; ++i)
    picture.data<std::uint8_t>()[static_cast<std::size_t>(i)] =
        static_cast<std::uint8_t>(i / 3 % width * 255 / width);
  return picture;
}

TEST(Thumbnail, KeepsTheAspectRatioAndDoesNotEnlarge) {
  const test::TemporaryFolder folder;
  write_png(folder.path() / "wide.png", gradient(60, 300));
  EXPECT_EQ(thumbnail(folder.path() / "wide.png", 100).shape(), (Shape{20, 100, 3}));
  EXPECT_EQ(thumbnail(folder.path() / "wide.png", 400).shape(), (Shape{60, 300, 3}));
  write_png(folder.path() / "line.png", gradient(1, 900));
  EXPECT_EQ(thumbnail(folder.path() / "line.png", 100).shape(), (Shape{1, 100, 3}));
  EXPECT_THROW(static_cast<void>(thumbnail(folder.path() / "none.png", 100)), Error);
}

TEST(Thumbnail, AJpegIsDecodedNoLargerThanItsLongerSideNeeds) {
  const test::TemporaryFolder folder;
  const DecodeOptions reduced{.jpeg_scale = JpegScale::reduced};
  write_jpeg(folder.path() / "wide.jpg", gradient(300, 400), 95);
  write_jpeg(folder.path() / "high.jpg", gradient(400, 300), 95);
  const auto size_for = [&](const char* name, std::int64_t side) {
    return read_for_longer_side(folder.path() / name, reduced, side).shape();
  };
  EXPECT_EQ(size_for("wide.jpg", 200), (Shape{150, 200, 3}));
  EXPECT_EQ(size_for("high.jpg", 200), (Shape{200, 150, 3}));
  EXPECT_EQ(size_for("wide.jpg", 201), (Shape{300, 400, 3}));
  EXPECT_EQ(size_for("wide.jpg", 40), (Shape{38, 50, 3}));
  EXPECT_EQ(read_for_longer_side(folder.path() / "wide.jpg", {}, 40).shape(), (Shape{300, 400, 3}));
  EXPECT_EQ(thumbnail(folder.path() / "wide.jpg", 180).shape(), (Shape{135, 180, 3}));
}

TEST(Thumbnail, IsTheMeanOfThePixels) {
  const test::TemporaryFolder folder;
  Tensor stripes({2, 8, 3}, DType::uint8);
  for (std::int64_t i = 0; i < 2 * 8 * 3; ++i)
    stripes.data<std::uint8_t>()[static_cast<std::size_t>(i)] = i / 3 % 2 == 0 ? 255 : 20;
  write_png(folder.path() / "stripes.png", stripes);
  const Tensor small = thumbnail(folder.path() / "stripes.png", 4);
  ASSERT_EQ(small.shape(), (Shape{1, 4, 3}));
  for (const std::uint8_t value : small.data<std::uint8_t>()) EXPECT_EQ(value, 138);  // 137.5
}

TEST(EncodeWebp, IsDecodedToNearlyTheSame) {
  const Tensor picture = gradient(40, 64);
  const std::string bytes = encode_webp(picture, 90);
  const Tensor back = decode_image(std::as_bytes(std::span(bytes)));
  ASSERT_EQ(back.shape(), picture.shape());
  for (std::size_t i = 0; i < 64 * 3; ++i)
    EXPECT_NEAR(back.data<std::uint8_t>()[i], picture.data<std::uint8_t>()[i], 12) << i;
  EXPECT_LT(encode_webp(picture, 20).size(), bytes.size());
  EXPECT_THROW(static_cast<void>(encode_webp(Tensor({4, 4, 3}), 90)), Error);
  EXPECT_THROW(static_cast<void>(encode_webp(Tensor({4, 4, 1}, DType::uint8), 90)), Error);
}

}  // namespace
}  // namespace graft::data
