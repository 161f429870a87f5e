// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/image.hpp"

#include "support.hpp"

namespace graft {
namespace {

using data::ResizeMethod;

/// The goldens' source picture, floor(256 u01).
Tensor source(std::int64_t height, std::int64_t width, DType type) {
  const std::string key = "resize/" + std::to_string(height) + "x" + std::to_string(width);
  const std::vector<double> u = test::u01(key, static_cast<std::size_t>(height * width * 3));
  Tensor image(Shape{height, width, 3});
  for (std::size_t i = 0; i < u.size(); ++i) image.data()[i] = static_cast<float>(std::floor(u[i] * 256.0));
  return image.to(type);
}

TEST(Resize, EqualsTensorFlow) {
  const Json goldens = test::read_json(test::goldens() / "resize.json");
  ASSERT_GT(goldens.size(), 60U);
  for (const Json& golden : goldens) {
    SCOPED_TRACE(golden.dump().substr(0, 150));
    data::ResizeOptions options;
    options.interpolation = data::resize_method_from_name(golden["interpolation"].get<std::string>());
    options.antialias = golden.value("antialias", false);
    options.crop_to_aspect_ratio = golden.value("crop_to_aspect_ratio", false);
    for (const DType type : {DType::float32, DType::uint8}) {
      const Tensor image = source(golden["source"][0], golden["source"][1], type);
      const Tensor result = data::resize(image, {golden["target"][0], golden["target"][1]}, options);
      ASSERT_EQ(result.shape(), (Shape{golden["target"][0], golden["target"][1], 3}));
      double mean = 0.0;
      for (const float value : result.data()) mean += value;
      EXPECT_NEAR(mean / static_cast<double>(result.count()), golden["mean"].get<double>(), 1e-3);
      for (std::size_t i = 0; i < golden["index"].size(); ++i) {
        const float value = result.data()[golden["index"][i].get<std::size_t>()];
        EXPECT_NEAR(value, golden["value"][i].get<double>(), 2e-3) << i;
      }
    }
  }
}

TEST(Resize, PadsWithZerosAsResizeWithPad) {
  const Tensor wide = Tensor::full(Shape{2, 8, 1}, 9.0F);
  const Tensor result = data::resize(wide, 4, {.pad_to_aspect_ratio = true});
  const std::vector<float> expected{0, 0, 0, 0, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(std::vector<float>(result.data().begin(), result.data().end()), expected);
  const Tensor thin = data::resize(Tensor::full(Shape{1000, 1, 1}, 9.0F), 4, {.pad_to_aspect_ratio = true});
  EXPECT_EQ(thin.data()[1], 9.0F) << "at least one column is left of it";
}

TEST(Resize, CropsAsTimmEvaluates) {
  for (const Json& golden : test::read_json(test::goldens() / "timm_crop.json")) {
    SCOPED_TRACE(golden.dump().substr(0, 110));
    data::ResizeOptions options{
        .antialias = true, .pillow = true, .center_crop = golden["crop_pct"].get<double>()};
    const std::string name = golden["interpolation"];
    options.interpolation = data::resize_method_from_name(name == "lanczos" ? "lanczos3" : name);
    if (golden["crop_mode"] == "squash") options.crop_mode = data::CropMode::squash;
    if (golden["crop_mode"] == "border") {
      options.crop_mode = data::CropMode::border;
      options.border_color = golden["border_color"].get<std::array<double, 3>>();
    }
    const Tensor image = source(golden["source"][0], golden["source"][1], DType::uint8);
    const Tensor result = data::resize(image, {golden["target"][0], golden["target"][1]}, options);
    const auto expected = golden["pixels"].get<std::vector<float>>();
    EXPECT_EQ(test::max_difference(result.data(), expected), 0);
  }
}

TEST(Resize, PillowHasNoOtherFilters) {
  const Tensor image = source(16, 16, DType::uint8);
  const data::ResizeOptions options{.interpolation = ResizeMethod::gaussian, .pillow = true};
  EXPECT_THROW((void)data::resize(image, 8, options), Error);
}

TEST(Resize, UsesAPictureOfTheTargetsSizeWhole) {
  const Tensor image = source(16, 16, DType::uint8);
  const Tensor same = data::resize(image, 16, {.antialias = true, .center_crop = 0.875});
  EXPECT_EQ(test::max_difference(same.data(), image.to(DType::float32).data()), 0);
  EXPECT_THROW((void)data::resize(image, 8, {.center_crop = 1.5}), Error);
  EXPECT_THROW((void)data::resize(image, 8, {.crop_to_aspect_ratio = true, .center_crop = 0.9}), Error);
}

TEST(Resize, CropsTheMiddle) {
  Tensor image(Shape{1, 5, 1});
  for (std::size_t i = 0; i < 5; ++i) image.data()[i] = static_cast<float>(i);
  EXPECT_EQ(data::resize(image, 1, {.crop_to_aspect_ratio = true}).data()[0], 2.0F);
}

TEST(Resize, AnyNumberOfChannels) {
  for (const std::int64_t channels : {1, 2, 3, 4}) {
    for (const ResizeMethod way : {ResizeMethod::bilinear, ResizeMethod::area, ResizeMethod::lanczos3}) {
      const Tensor result =
          data::resize(Tensor::full(Shape{7, 5, channels}, 3.0F), {4, 9}, {.interpolation = way});
      for (const float value : result.data()) ASSERT_NEAR(value, 3.0F, 1e-5);
    }
  }
}

TEST(Resize, RefusesOtherTensors) {
  EXPECT_THROW((void)data::resize(Tensor(Shape{4, 4}), 2), Error);
  EXPECT_THROW((void)data::resize(Tensor(Shape{0, 4, 3}), 2), Error);
  EXPECT_THROW((void)data::resize(Tensor(Shape{4, 4, 3}, DType::int32), 2), Error);
  EXPECT_THROW((void)data::resize(Tensor(Shape{4, 4, 3}), {0, 2}), Error);
  EXPECT_THROW((void)data::resize(Tensor(Shape{4, 4, 3}), 2,
                                  {.crop_to_aspect_ratio = true, .pad_to_aspect_ratio = true}),
               Error);
  EXPECT_THROW((void)data::resize_method_from_name("cubic"), Error);
  EXPECT_EQ(data::to_string(data::resize_method_from_name("mitchellcubic")), "mitchellcubic");
}

}  // namespace
}  // namespace graft
