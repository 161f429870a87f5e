// SPDX-License-Identifier: Apache-2.0
// Resizing and the random image ops: the fast loops against the formulas, and the formulas against what the
// words in op.hpp promise.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "bf16_cases.hpp"
#include "cases.hpp"

namespace graft::kernels::test {
namespace {

std::vector<ops::RandomTransform> transforms() {
  using ops::FillMode;
  std::vector<ops::RandomTransform> all;
  all.push_back({});
  all.push_back({.flip_horizontal = true, .flip_vertical = true, .seed = 1});
  for (const auto mode : {FillMode::reflect, FillMode::nearest, FillMode::wrap, FillMode::constant}) {
    for (const auto interpolation : {ops::Interpolation::bilinear, ops::Interpolation::nearest}) {
      all.push_back({.flip_horizontal = true,
                     .angle = {-0.2F, 0.2F},
                     .fill_mode = mode,
                     .fill_value = 7,
                     .interpolation = interpolation,
                     .seed = 2});
      all.push_back({.shift_height = {-0.7F, 0.9F},
                     .shift_width = {-1, 1},
                     .zoom_height = {-0.6F, 0.9F},
                     .zoom_width = {-0.3F, 0.5F},
                     .fill_mode = mode,
                     .fill_value = 7,
                     .interpolation = interpolation,
                     .seed = 3});
    }
  }
  return all;
}

/// Elements whose difference is above what rounding a coordinate changes. Where the nearest pixel flips or a
/// wrapped coordinate jumps, single elements may differ.
std::size_t count_different(const Tensor& a, const Tensor& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.data().size(); ++i) {
    if (!(std::abs(a.data()[i] - b.data()[i]) <= 2e-2F)) ++count;
  }
  return count;
}

TEST(RandomTransform, NativeEqualsTheReference) {
  for (const Shape& shape : {Shape{3, 20, 17, 3}, Shape{2, 33, 40, 1}, Shape{2, 5, 4, 4}, Shape{2, 1, 1, 3},
                             Shape{1, 2, 2, 3}, Shape{2, 3, 3, 3}, Shape{2, 64, 64, 3}}) {
    const Tensor x = random_tensor(shape, 1, 0, 255);
    for (const ops::RandomTransform& op : transforms()) {
      const Case c{.params = op, .inputs = {x}, .outputs = {Tensor(shape)}};
      const auto got = run(native(), c)[0];
      const auto expected = run(reference(), c)[0];
      const bool jumps =
          op.interpolation == ops::Interpolation::nearest || op.fill_mode == ops::FillMode::wrap;
      EXPECT_LE(count_different(*got, *expected), jumps ? got->data().size() / 100 : 0) << c.describe();
    }
  }
}

TEST(RandomTransform, ScalesAndShiftsThePixels) {
  const Shape shape{4, 24, 21, 3};
  const ops::RandomTransform op{.flip_horizontal = true, .angle = {-0.1F, 0.1F}, .seed = 2};
  Case c{.params = op,
         .inputs = {random_tensor(shape, 1, 0, 255), random_tensor({3}, 2, 0.001, 0.01),
                    random_tensor({3}, 3, -1, 1)},
         .outputs = {Tensor(shape)}};
  const Tensor expected = *run(reference(), c)[0];
  const Tensor got = *run(native(), c)[0];
  for (std::size_t i = 0; i < expected.data().size(); ++i)
    ASSERT_NEAR(got.data()[i], expected.data()[i], 2e-4);
  expect_rounded(c, {.inputs = {}, .outputs = {0}});
  c.inputs.resize(1);
  EXPECT_GT(std::abs((*run(reference(), c)[0]).data()[0] - expected.data()[0]), 1);
}

/// An image (1, 9, 9, 1) that is zero but for a one at (y, x).
Tensor dot(std::int64_t y, std::int64_t x) {
  Tensor image(Shape{1, 9, 9, 1});
  image.data()[static_cast<std::size_t>(y * 9 + x)] = 1;
  return image;
}

std::pair<std::int64_t, std::int64_t> brightest(const Tensor& image) {
  const auto data = image.data();
  const auto at = std::max_element(data.begin(), data.end()) - data.begin();
  return {at / 9, at % 9};
}

std::pair<std::int64_t, std::int64_t> moved(const ops::RandomTransform& op, const Tensor& image) {
  return brightest(*run(native(), {.params = op, .inputs = {image}, .outputs = {Tensor(image.shape())}})[0]);
}

using Place = std::pair<std::int64_t, std::int64_t>;

TEST(RandomTransform, PositiveAnglesRotateCounterClockwise) {
  // A rotation by 90 degrees moves the right edge's middle to the top.
  EXPECT_EQ(moved({.angle = {0.25F, 0.25F}, .fill_mode = ops::FillMode::constant}, dot(4, 8)), (Place{0, 4}));
}

TEST(RandomTransform, PositiveShiftsGoDownAndRight) {
  EXPECT_EQ(moved({.shift_height = {1.0F / 9, 1.0F / 9}, .fill_mode = ops::FillMode::constant}, dot(4, 4)),
            (Place{5, 4}));
  EXPECT_EQ(moved({.shift_width = {2.0F / 9, 2.0F / 9}, .fill_mode = ops::FillMode::constant}, dot(4, 4)),
            (Place{4, 6}));
}

TEST(RandomTransform, PositiveZoomShowsMore) {
  EXPECT_EQ(moved({.zoom_height = {1, 1}, .zoom_keeps_ratio = true, .fill_mode = ops::FillMode::constant},
                  dot(0, 8)),
            (Place{2, 6}));
  EXPECT_EQ(moved({.zoom_width = {1, 1}, .fill_mode = ops::FillMode::constant}, dot(0, 8)), (Place{0, 6}));
}

TEST(RandomTransform, FlipsHalfOfTheSamplesAndDrawsAgainInEachStep) {
  const Tensor x = random_tensor({64, 2, 2, 3}, 1);
  const Case c{
      .params = ops::RandomTransform{.flip_horizontal = true}, .inputs = {x}, .outputs = {Tensor(x.shape())}};
  const auto flipped = [&](const RunContext& context) {
    const auto y = run(native(), c, {.context = context})[0];
    std::vector<bool> result;
    for (std::size_t n = 0; n < 64; ++n)
      result.push_back(std::abs(y->data()[n * 12] - x.data()[n * 12]) > 1e-6F);
    return result;
  };
  const auto first = flipped({.seed = 1, .step = 0});
  EXPECT_NEAR(static_cast<double>(std::count(first.begin(), first.end(), true)), 32, 14);
  EXPECT_EQ(first, flipped({.seed = 1, .step = 0}));
  EXPECT_NE(first, flipped({.seed = 1, .step = 1}));
  EXPECT_NE(first, flipped({.seed = 2, .step = 0}));
}

TEST(Resize, NativeEqualsTheReference) {
  for (const auto interpolation : {ops::Interpolation::bilinear, ops::Interpolation::nearest}) {
    for (const auto& [from, to] : std::vector<std::pair<Shape, Shape>>{{{2, 5, 7, 3}, {2, 10, 3, 3}},
                                                                       {{1, 1, 1, 4}, {1, 5, 6, 4}},
                                                                       {{2, 30, 40, 3}, {2, 17, 23, 3}},
                                                                       {{1, 9, 9, 1}, {1, 9, 9, 1}}}) {
      expect_as_reference(native(),
                          {.params = ops::Resize{interpolation},
                           .inputs = {random_tensor(from, 1, 0, 255)},
                           .outputs = {Tensor(to)}},
                          1e-6);
    }
  }
}

TEST(RandomContrastAndBrightness, NativeEqualsTheReference) {
  for (const Shape& shape : {Shape{3, 20, 17, 3}, Shape{2, 5, 4, 70}, Shape{2, 1, 1, 1}}) {
    const Tensor x = random_tensor(shape, 1, 0, 255);
    const Case contrast{
        .params = ops::RandomContrast{.factor = {0.3F, 1.8F}}, .inputs = {x}, .outputs = {Tensor(shape)}};
    const Case brightness{
        .params = ops::RandomBrightness{.delta = {-0.4F, 0.4F}}, .inputs = {x}, .outputs = {Tensor(shape)}};
    expect_as_reference(native(), contrast, 1e-6);
    expect_as_reference(native(), brightness, 1e-6);
    const Tensor clipped = *run(native(), brightness)[0];
    for (const float value : clipped.data()) {
      EXPECT_GE(value, 0);
      EXPECT_LE(value, 255);
    }
  }
}

TEST(Dropout, KeepsItsShareAndScalesIt) {
  const Tensor x = Tensor::full({200000}, 1);
  for (const float rate : {0.2F, 0.5F, 0.9F}) {
    const auto y = run(
        native(),
        {.params = ops::Dropout{.rate = rate, .seed = 3}, .inputs = {x}, .outputs = {Tensor(x.shape())}})[0];
    std::size_t kept = 0;
    for (const float value : y->data()) {
      if (value == 0) continue;
      ++kept;
      ASSERT_FLOAT_EQ(value, 1 / (1 - rate));
    }
    EXPECT_NEAR(static_cast<double>(kept) / 200000, 1 - rate, 0.005);
  }
}

TEST(Dropout, DrawsAgainInEachStepAndForEachSeed) {
  const Tensor x = Tensor::full({1000}, 1);
  const auto mask = [&](std::uint64_t op_seed, const RunContext& context) {
    return run(native(),
               {.params = ops::Dropout{.seed = op_seed}, .inputs = {x}, .outputs = {Tensor(x.shape())}},
               {.context = context})[0];
  };
  const auto first = mask(1, {.seed = 1, .step = 1});
  for (const auto& other :
       {mask(2, {.seed = 1, .step = 1}), mask(1, {.seed = 2, .step = 1}), mask(1, {.seed = 1, .step = 2})}) {
    std::size_t agree = 0;
    for (std::size_t i = 0; i < 1000; ++i) agree += first->data()[i] == other->data()[i] ? 1 : 0;
    EXPECT_NEAR(static_cast<double>(agree), 500, 80);
  }
}

}  // namespace
}  // namespace graft::kernels::test
