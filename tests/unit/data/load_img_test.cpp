// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include <gtest/gtest.h>

#include "graft/image.hpp"

#include "support.hpp"

namespace graft::data {
namespace {

/// Two rows of four pixels, grey levels 0 to 70.
std::filesystem::path write_picture(const std::filesystem::path& folder) {
  std::ofstream file(folder / "x.ppm", std::ios::binary);
  file << "P6\n4 2\n255\n";
  for (int i = 0; i < 8; ++i) file << std::string(3, static_cast<char>(10 * i));
  return folder / "x.ppm";
}

TEST(LoadImg, KeepsTheSizeWithoutTarget) {
  const test::TemporaryFolder folder;
  const Tensor image = load_img(write_picture(folder.path()));
  EXPECT_EQ(image.shape(), (Shape{2, 4, 3}));
  EXPECT_EQ(image.dtype(), DType::float32);
  EXPECT_EQ(image.at(1, 3, 2), 70);
}

TEST(LoadImg, TakesTheNearestPixelAsKeras) {
  const test::TemporaryFolder folder;
  const Tensor image = load_img(write_picture(folder.path()), {.target_size = Size2D{1, 2}});
  EXPECT_EQ(image.shape(), (Shape{1, 2, 3}));
  // Pillow takes the pixel under the centre of the new one: row 1, columns 1 and 3.
  EXPECT_EQ(image.at(0, 0, 0), 50);
  EXPECT_EQ(image.at(0, 1, 0), 70);
}

TEST(LoadImg, OtherFiltersAndGrey) {
  const test::TemporaryFolder folder;
  const Tensor image = load_img(
      write_picture(folder.path()),
      {.color_mode = ColorMode::grayscale, .target_size = Size2D{1, 1}, .interpolation = ResizeMethod::area});
  EXPECT_EQ(image.shape(), (Shape{1, 1, 1}));
  EXPECT_NEAR(image.at(0, 0, 0), 35, 1);
}

TEST(LoadImg, NamesAFileThatIsNotThere) {
  try {
    (void)load_img("gone.jpg");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
    EXPECT_NE(std::string(error.what()).find("gone.jpg"), std::string::npos);
  }
}

}  // namespace
}  // namespace graft::data
