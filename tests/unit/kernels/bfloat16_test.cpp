// SPDX-License-Identifier: Apache-2.0
// Kernels whose arguments are bfloat16 against the reference on the same, rounded, numbers.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "bf16_cases.hpp"

namespace graft::kernels::test {
namespace {

TEST(Bfloat16, ConvolutionAndItsGradients) {
  const auto activations = all_activations();
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const ConvolutionCase c = random_convolution(seed);
    // The factors' packed copy is rounded too, so the reference must have rounded ones.
    const Tensor kernel = from_bf16(to_bf16(random_tensor(c.kernel(), seed + 2)));
    const Tensor dy = random_tensor(c.y(), seed + 5);
    const auto residual = seed % 3 == 0 ? std::optional(random_tensor(c.y(), seed + 4)) : std::nullopt;
    expect_rounded({.params = ops::Convolution{.window = c.window,
                                               .groups = c.groups,
                                               .activation = activations[seed % activations.size()]},
                    .inputs = {random_tensor(c.x(), seed + 1), kernel, random_tensor({c.f}, seed), residual},
                    .outputs = {Tensor(c.y())}},
                   {.inputs = {0, 3}, .outputs = {0}}, {.weights = {1, 2}});
    expect_rounded({.params = ops::ConvolutionBackwardInput{.window = c.window, .groups = c.groups},
                    .inputs = {dy, kernel},
                    .outputs = {Tensor(c.x())}},
                   {.inputs = {0}, .outputs = {0}}, {.weights = {1}});
    expect_rounded({.params = ops::ConvolutionBackwardKernel{.window = c.window, .groups = c.groups},
                    .inputs = {random_tensor(c.x(), seed + 1), dy},
                    .outputs = {Tensor(c.kernel()), Tensor(Shape{c.f})}},
                   {.inputs = {0, 1}});
  }
}

TEST(Bfloat16, KernelGradientByProducts) {
  const ops::Window whole{
      .height = 3, .width = 3, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1};
  const ops::Window steps{.height = 3, .width = 2, .stride_height = 2, .stride_width = 2, .pad_bottom = 1};
  const ops::Window apart{.height = 2, .width = 3, .dilation_height = 2, .dilation_width = 3};
  // A large one first: what it leaves in the memory they share must not be seen by the others.
  for (const ConvolutionCase& c :
       {ConvolutionCase{.n = 9, .h = 20, .w = 14, .c = 96, .f = 48, .window = whole},
        ConvolutionCase{.n = 3, .h = 7, .w = 9, .c = 64, .f = 160},
        ConvolutionCase{.n = 5, .h = 11, .w = 8, .c = 16, .f = 17, .window = steps},
        ConvolutionCase{.n = 2, .h = 9, .w = 9, .c = 33, .f = 64, .window = apart},
        ConvolutionCase{.n = 1, .h = 1, .w = 1, .c = 16, .f = 16, .window = whole}}) {
    const Case gradient{.params = ops::ConvolutionBackwardKernel{.window = c.window},
                        .inputs = {random_tensor(c.x(), 1), random_tensor(c.y(), 2)},
                        .outputs = {Tensor(c.kernel()), Tensor(Shape{c.f})}};
    expect_rounded(gradient, {.inputs = {0, 1}});
  }
}

TEST(Bfloat16, KernelGradientOfDepthwiseConvolutions) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    ConvolutionCase c = random_convolution(seed);
    c.c = c.f = c.groups = 32;
    if (c.y().count() <= 0) continue;
    expect_rounded({.params = ops::ConvolutionBackwardKernel{.window = c.window, .groups = c.groups},
                    .inputs = {random_tensor(c.x(), seed + 1), random_tensor(c.y(), seed + 5)},
                    .outputs = {Tensor(c.kernel()), Tensor(Shape{c.f})}},
                   {.inputs = {0, 1}});
  }
}

TEST(Bfloat16, DenseWithResultsOfEitherType) {
  const Tensor kernel = from_bf16(to_bf16(random_tensor({65, 33}, 1)));
  const Case c{.params = ops::Dense{.activation = ops::activation_from_name("relu")},
               .inputs = {random_tensor({5, 65}, 2), kernel, random_tensor({33}, 3)},
               .outputs = {Tensor(Shape{5, 33})}};
  expect_rounded(c, {.inputs = {0}, .outputs = {0}}, {.weights = {1, 2}});
  expect_rounded(c, {.inputs = {0}}, {.weights = {1, 2}});
}

/// Large enough that a few samples are processed at a time.
const Shape kImages{6, 40, 40, 24};

TEST(Bfloat16, AverageOfOneImageDividedAmongThreads) {
  for (const std::int64_t channels : {5, 24, 40, 600}) {
    const Case c{.params = ops::GlobalPool{ops::PoolKind::average},
                 .inputs = {random_tensor({1, 40, 41, channels}, 1)},
                 .outputs = {Tensor(Shape{1, channels})}};
    expect_rounded(c, {.inputs = {0}, .outputs = {0}});
    expect_rounded(c, {.inputs = {0}});
    expect_as_reference(native(), c, 1e-6);
  }
}

TEST(Bfloat16, OpsBetweenConvolutions) {
  const Tensor x = random_tensor(kImages, 1);
  const Tensor dy = random_tensor(kImages, 2);
  const ops::Window window{.height = 2, .width = 2, .stride_height = 2, .stride_width = 2};
  const Shape half{6, 20, 20, 24};
  expect_rounded({.params = ops::Binary{ops::BinaryKind::add, ops::activation_from_name("relu")},
                  .inputs = {x, dy},
                  .outputs = {x}},
                 {.inputs = {0, 1}, .outputs = {0}});
  expect_rounded({.params = ops::Binary{ops::BinaryKind::add}, .inputs = {x, dy}, .outputs = {x}},
                 {.inputs = {0}, .outputs = {0}});
  expect_rounded({.params = ops::ActivationBackward{ops::activation_from_name("relu6")},
                  .inputs = {x, dy},
                  .outputs = {x}},
                 {.inputs = {0, 1}, .outputs = {0}});
  for (const ops::PoolKind kind : {ops::PoolKind::max, ops::PoolKind::average}) {
    expect_rounded({.params = ops::Pool{kind, window}, .inputs = {x}, .outputs = {Tensor(half)}},
                   {.inputs = {0}, .outputs = {0}});
    expect_rounded({.params = ops::Pool{kind, window}, .inputs = {x}, .outputs = {Tensor(half)}},
                   {.inputs = {0}});
    const Shape deep{2, 7, 6, 520};
    expect_rounded({.params = ops::Pool{kind, {.height = 3, .width = 3, .pad_top = 1, .pad_left = 1}},
                    .inputs = {random_tensor(deep, 7)},
                    .outputs = {Tensor(deep)}},
                   {.inputs = {0}, .outputs = {0}});
    expect_rounded({.params = ops::GlobalPool{kind}, .inputs = {x}, .outputs = {Tensor(Shape{6, 24})}},
                   {.inputs = {0}, .outputs = {0}});
  }
  for (const auto kind : {ops::BinaryKind::multiply, ops::BinaryKind::subtract, ops::BinaryKind::prelu}) {
    for (const Shape& side : {kImages, Shape{6, 1, 1, 24}, Shape{6, 40, 40, 1}, Shape{1, 1, 1, 1}}) {
      const Case c{.params = ops::Binary{kind}, .inputs = {x, random_tensor(side, 3)}, .outputs = {x}};
      expect_rounded(c, {.inputs = {0, 1}, .outputs = {0}});
      expect_rounded(c, {.inputs = {0}, .outputs = {0}});
    }
  }
  expect_rounded(
      {.params = ops::Concatenate{.axis = 3}, .inputs = {x, dy}, .outputs = {Tensor({6, 40, 40, 48})}},
      {.inputs = {0, 1}, .outputs = {0}});
  expect_rounded(
      {.params = ops::Pad{.top = 1, .right = 2}, .inputs = {x}, .outputs = {Tensor({6, 41, 42, 24})}},
      {.inputs = {0}, .outputs = {0}});
  expect_rounded(
      {.params = ops::Slice{.axis = 3, .begin = 6}, .inputs = {x}, .outputs = {Tensor({6, 40, 40, 8})}},
      {.inputs = {0}, .outputs = {0}});
  expect_rounded(
      {.params = ops::Slice{.axis = 3, .begin = 5}, .inputs = {x}, .outputs = {Tensor({6, 40, 40, 8})}},
      {.inputs = {0}, .outputs = {0}});
  expect_rounded({.params = ops::ScaleShift{ops::activation_from_name("relu")},
                  .inputs = {x, random_tensor({24}, 3), random_tensor({24}, 4)},
                  .outputs = {x}},
                 {.inputs = {0}, .outputs = {0}});
  for (const std::int64_t width : {3, 1100, 3000}) {
    const Tensor wide = random_tensor({7, width}, 5);
    expect_rounded({.params = ops::ScaleShift{ops::activation_from_name("swish")},
                    .inputs = {wide, random_tensor({width}, 3), random_tensor({width}, 4)},
                    .outputs = {wide}},
                   {.inputs = {0}, .outputs = {0}});
  }
  expect_rounded({.params = ops::BatchNormalizationTraining{},
                  .inputs = {x, random_tensor({24}, 3), random_tensor({24}, 4)},
                  .outputs = {x, Tensor(Shape{24}), Tensor(Shape{24})}},
                 {.inputs = {0}, .outputs = {0}});
}

TEST(Bfloat16, BatchNormalizationAndItsGradients) {
  const Tensor gamma = random_tensor({24}, 3, 0.5, 3);
  const Tensor beta = random_tensor({24}, 4);
  for (const char* name : {"linear", "relu6", "swish"}) {
    SCOPED_TRACE(name);
    const ops::Activation activation = ops::activation_from_name(name);
    const Tensor x = from_bf16(to_bf16(random_tensor(kImages, 1, -2, 3)));
    const Case forward{.params = ops::BatchNormalizationTraining{.activation = activation},
                       .inputs = {x, gamma, beta},
                       .outputs = {x, Tensor(Shape{24}), Tensor(Shape{24})}};
    expect_rounded(forward, {.inputs = {0}, .outputs = {0}});
    const auto y = run(reference(), forward);
    const Case backward{.params = ops::BatchNormalizationTrainingBackward{.activation = activation},
                        .inputs = {x, gamma, y[1], y[2], random_tensor(kImages, 2), beta},
                        .outputs = {x, Tensor(Shape{24}), Tensor(Shape{24})}};
    expect_rounded(backward, {.inputs = {0, 4}, .outputs = {0}});
    expect_rounded(backward, {.inputs = {0}, .outputs = {0}});
    expect_rounded(backward, {.inputs = {4}, .outputs = {}});
  }
}

TEST(Bfloat16, StatisticsEqualThoseOfTheSameNumbersInFloat32) {
  const Tensor x = from_bf16(to_bf16(random_tensor(kImages, 1, 90, 110)));
  const Case c{.params = ops::BatchNormalizationTraining{},
               .inputs = {x, random_tensor({24}, 3), random_tensor({24}, 4)},
               .outputs = {x, Tensor(Shape{24}), Tensor(Shape{24})}};
  const auto exact = run(native(), c);
  const auto low = run_bf16(c, {.inputs = {0}, .outputs = {0}}, {});
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}})
    EXPECT_TRUE(std::ranges::equal(low[i]->data(), exact[i]->data())) << "no sum is rounded";
}

TEST(Bfloat16, CastRoundsToNearestEvenAndKeepsNaN) {
  const float inf = std::numeric_limits<float>::infinity();
  const Tensor x = Tensor::from({6}, std::vector<float>{1.00390625F, 1.01171875F, -0.0F, inf, -inf, 3e38F});
  for (const Backend* backend : {&native(), &reference()}) {
    Tensor low(x.shape(), DType::bfloat16);
    const Spec spec{ops::Cast{}, {{x.shape()}}, {{.shape = x.shape(), .dtype = DType::bfloat16}}};
    const std::vector<View> inputs{view_of(x)};
    const std::vector<MutableView> outputs{view_of(low)};
    backend->make(spec)->run({}, inputs, outputs);
    const Tensor back = from_bf16(low);
    EXPECT_EQ(back.data()[0], 1.0F) << "a tie goes to the even neighbour";
    EXPECT_EQ(back.data()[1], 1.015625F);
    EXPECT_TRUE(std::signbit(back.data()[2]));
    EXPECT_EQ(back.data()[3], inf);
    EXPECT_EQ(back.data()[4], -inf);
    EXPECT_TRUE(std::isfinite(back.data()[5]));
  }
  const Tensor nan = Tensor::full({64}, std::numeric_limits<float>::signaling_NaN());
  Tensor low({64}, DType::bfloat16);
  const Spec spec{ops::Cast{}, {{nan.shape()}}, {{.shape = nan.shape(), .dtype = DType::bfloat16}}};
  const std::vector<View> inputs{view_of(nan)};
  const std::vector<MutableView> outputs{view_of(low)};
  native().make(spec)->run({}, inputs, outputs);
  const Tensor back = from_bf16(low);
  for (const float value : back.data()) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace graft::kernels::test
