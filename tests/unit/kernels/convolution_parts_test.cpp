// SPDX-License-Identifier: Apache-2.0
// oneDNN's convolutions divided among graft's threads by samples, pixels, rows and channels, against the
// reference.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/execution_scope.hpp"

#include "cases.hpp"

namespace graft::kernels::test {
namespace {

constexpr double kPartsTolerance = 2e-5;

Case divided_case(const ConvolutionCase& sizes, const std::string& activation, bool with_residual) {
  const double limit = 2.0 / static_cast<double>(sizes.kernel().count() / sizes.f);
  return {.params = ops::Convolution{.window = sizes.window,
                                     .groups = sizes.groups,
                                     .activation = ops::activation_from_name(activation)},
          .inputs = {random_tensor(sizes.x(), 1), random_tensor(sizes.kernel(), 2, -limit, limit),
                     random_tensor({sizes.f}, 3),
                     with_residual ? std::optional(random_tensor(sizes.y(), 4)) : std::nullopt},
          .outputs = {Tensor(sizes.y())}};
}

/// Whether graft divides it, and oneDNN does not.
bool is_divided(const Case& c) { return !onednn().make(c.spec())->uses_openmp(); }

void expect_divided_as_reference(const ConvolutionCase& sizes) {
  for (const int threads : {2, 3, 4}) {
    const ExecutionScope scope({.threads = threads});
    for (const char* activation : {"linear", "relu6", "swish"}) {
      for (const bool with_residual : {false, true}) {
        const Case c = divided_case(sizes, activation, with_residual);
        SCOPED_TRACE(c.describe() + ", threads: " + std::to_string(threads));
        EXPECT_TRUE(is_divided(c));
        expect_as_reference(onednn(), c, kPartsTolerance, {.weights = {1, 2}});
        expect_as_reference(onednn(), c, kPartsTolerance);
      }
    }
  }
}

TEST(ConvolutionParts, SamplesEqualTheReference) {
  expect_divided_as_reference(
      {.n = 12, .h = 5, .w = 4, .c = 8, .f = 16, .window = {.height = 2, .width = 3}});
}

TEST(ConvolutionParts, PixelsEqualTheReference) {
  expect_divided_as_reference({.h = 9, .w = 11, .c = 16, .f = 24, .window = {}});
}

TEST(ConvolutionParts, RowsEqualTheReference) {
  expect_divided_as_reference({.h = 17,
                               .w = 6,
                               .c = 8,
                               .f = 16,
                               .window = {.height = 3,
                                          .width = 3,
                                          .stride_height = 2,
                                          .stride_width = 2,
                                          .pad_top = 1,
                                          .pad_bottom = 2,
                                          .pad_left = 1}});
  expect_divided_as_reference(
      {.h = 16,
       .w = 9,
       .c = 16,
       .f = 16,
       .window = {.height = 3, .width = 1, .dilation_height = 3, .pad_top = 3, .pad_bottom = 3}});
  expect_divided_as_reference(
      {.h = 19, .w = 8, .c = 16, .f = 16, .window = {.stride_height = 2, .stride_width = 3}});
}

TEST(ConvolutionParts, GroupsEqualTheReference) {
  expect_divided_as_reference({.h = 12,
                               .w = 5,
                               .c = 32,
                               .f = 32,
                               .groups = 2,
                               .window = {.height = 3, .width = 3, .pad_top = 1, .pad_left = 2}});
}

TEST(ConvolutionParts, ChannelsEqualTheReference) {
  expect_divided_as_reference({.h = 5, .w = 4, .c = 520, .f = 600, .window = {}});
  expect_divided_as_reference(
      {.h = 4, .w = 4, .c = 128, .f = 320, .window = {.height = 3, .width = 3, .pad_top = 1, .pad_left = 1}});
}

/// InceptionV3's 17 x 17 pixels: of 144 and 145 oneDNN 2.6 prefers the weights in different layouts, and has
/// only plain loops for 145 in the layout for 144: 1 s instead of 0.4 ms.
TEST(ConvolutionParts, NoPartIsLeftToPlainLoops) {
  for (const int threads : {2, 3, 4}) {
    const ExecutionScope scope({.threads = threads});
    for (const std::int64_t f : {96, 128, 160, 192, 320}) {
      for (const std::int64_t side : {13, 15, 17, 19, 35}) {
        const Case c = divided_case({.h = side, .w = side, .c = 768, .f = f, .window = {}}, "relu", false);
        EXPECT_EQ(onednn().make(c.spec())->implementation().find("ref"), std::string_view::npos)
            << c.describe() << ", threads: " << threads;
      }
    }
  }
}

/// ResNet50's 1 x 1 convolutions with strides: twice as slow where a part has one input row less than its
/// output rows times the stride.
TEST(ConvolutionParts, StridedPixelsAreComputedAsByOneThread) {
  const auto implementation = [](int threads, const ConvolutionCase& sizes) {
    const ExecutionScope scope({.threads = threads});
    return std::string(onednn().make(divided_case(sizes, "relu", false).spec())->implementation());
  };
  const ops::Window window{.stride_height = 2, .stride_width = 2};
  for (const ConvolutionCase& sizes :
       {ConvolutionCase{.h = 56, .w = 56, .c = 256, .f = 512, .window = window},
        ConvolutionCase{.h = 28, .w = 28, .c = 512, .f = 256, .window = window}}) {
    expect_as_reference(onednn(), divided_case(sizes, "relu", true), kPartsTolerance);
    EXPECT_EQ(implementation(2, sizes), implementation(1, sizes));
  }
}

TEST(ConvolutionParts, RandomConvolutionsEqualTheReference) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const ExecutionScope scope({.threads = 2 + static_cast<int>(seed % 3)});
    const Case c = divided_case(random_convolution(seed), "relu", seed % 2 == 0);
    SCOPED_TRACE(c.describe());
    expect_as_reference(onednn(), c, kPartsTolerance, {.weights = {1, 2}});
  }
}

TEST(ConvolutionParts, AreNotMadeWhereOneThreadComputes) {
  const ExecutionScope scope({.threads = 1});
  EXPECT_TRUE(is_divided(divided_case({.h = 9, .w = 11, .c = 16, .f = 24, .window = {}}, "relu", false)));
}

}  // namespace
}  // namespace graft::kernels::test
