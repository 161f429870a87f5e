// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <gtest/gtest.h>

#include "cases.hpp"

namespace graft::kernels::test {
namespace {

constexpr int kRandomShapes = 150;
constexpr double kTolerance = 2e-5;

TEST(Onednn, ConvolutionEqualsTheReference) {
  const auto activations = all_activations();
  for (std::uint64_t seed = 0; seed < kRandomShapes; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const ConvolutionCase c = random_convolution(seed);
    const bool residual = seed % 3 == 0;
    const Case forward = forward_convolution(c, seed, activations[seed % activations.size()], residual);
    expect_as_reference(onednn(), forward, kTolerance, {.weights = {1, 2}});
  }
}

TEST(Onednn, ConvolutionWithEveryActivationAndResidual) {
  const ConvolutionCase c{.n = 2, .h = 6, .w = 6, .c = 16, .f = 24, .window = {.height = 3, .width = 3}};
  for (const ops::Activation& activation : all_activations()) {
    for (const bool residual : {false, true}) {
      expect_as_reference(onednn(), forward_convolution(c, 3, activation, residual), kTolerance,
                          {.weights = {1}});
    }
  }
}

TEST(Onednn, ConvolutionBackwardEqualsTheReference) {
  for (std::uint64_t seed = 0; seed < kRandomShapes; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const ConvolutionCase c = random_convolution(seed);
    const Tensor dy = random_tensor(c.y(), seed + 5);
    expect_as_reference(onednn(),
                        {.params = ops::ConvolutionBackwardInput{.window = c.window, .groups = c.groups},
                         .inputs = {dy, random_tensor(c.kernel(), seed + 2)},
                         .outputs = {Tensor(c.x())}},
                        kTolerance, {.weights = {1}});
    expect_as_reference(
        onednn(),
        {.params = ops::ConvolutionBackwardKernel{.window = c.window, .groups = c.groups},
         .inputs = {random_tensor(c.x(), seed + 1), dy},
         .outputs = {Tensor(c.kernel()), seed % 2 == 0 ? std::optional(Tensor(Shape{c.f})) : std::nullopt}},
        kTolerance);
  }
}

TEST(Onednn, BackwardInputIsTheAdjointOfForward) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const ConvolutionCase c = random_convolution(1000 + seed);
    const Tensor x = random_tensor(c.x(), seed);
    const Tensor kernel = random_tensor(c.kernel(), seed + 1);
    const Tensor dy = random_tensor(c.y(), seed + 2);
    const auto y = run(onednn(), {.params = ops::Convolution{.window = c.window, .groups = c.groups},
                                  .inputs = {x, kernel, std::nullopt, std::nullopt},
                                  .outputs = {Tensor(c.y())}});
    const auto dx =
        run(onednn(), {.params = ops::ConvolutionBackwardInput{.window = c.window, .groups = c.groups},
                       .inputs = {dy, kernel},
                       .outputs = {Tensor(c.x())}});
    const double size = std::sqrt(inner_product(*y[0], *y[0]) * inner_product(dy, dy)) + 1;
    EXPECT_NEAR(inner_product(*y[0], dy), inner_product(x, *dx[0]), 1e-5 * size);
  }
}

TEST(Onednn, PackCopiesChangedWeights) {
  const ConvolutionCase c{.n = 1, .h = 8, .w = 8, .c = 16, .f = 32, .window = {.height = 3, .width = 3}};
  Case first = forward_convolution(c, 1, {}, false);
  const auto kernel = onednn().make(first.spec());
  ASSERT_TRUE(kernel);
  const auto before = run(*kernel, first, {.weights = {1, 2}});
  Case second = first;
  second.inputs[1] = random_tensor(c.kernel(), 99);
  const auto after = run(*kernel, second, {.weights = {1, 2}});
  EXPECT_GT(std::abs(before[0]->data()[0] - after[0]->data()[0]), 0);
  const auto expected = run(reference(), second);
  for (std::size_t i = 0; i < expected[0]->data().size(); ++i) {
    ASSERT_NEAR(after[0]->data()[i], expected[0]->data()[i], 1e-4);
  }
}

TEST(Onednn, ComputedWeightsNeedNoPacking) {
  const ConvolutionCase c{.n = 1, .h = 8, .w = 8, .c = 16, .f = 32, .window = {.height = 3, .width = 3}};
  const Case first = forward_convolution(c, 1, {}, false);
  Case second = first;
  second.inputs[1] = random_tensor(c.kernel(), 99);
  const auto kernel = onednn().make(first.spec());
  (void)run(*kernel, first, {.weights = {1}});  // then the packed form must not be used again
  const auto got = run(*kernel, second);
  const auto expected = run(reference(), second);
  for (std::size_t i = 0; i < expected[0]->data().size(); ++i) {
    ASSERT_NEAR(got[0]->data()[i], expected[0]->data()[i], 1e-4);
  }
}

TEST(Onednn, DenseEqualsTheReference) {
  const auto activations = all_activations();
  std::uint64_t seed = 0;
  for (const std::int64_t rows : {1, 2, 7, 32}) {
    for (const std::int64_t in : {1, 3, 17, 64, 1280}) {
      for (const std::int64_t out : {1, 2, 10, 33, 100}) {
        ++seed;
        const Tensor x = random_tensor({rows, in}, seed);
        const Tensor kernel = random_tensor({in, out}, seed + 1);
        const Tensor dy = random_tensor({rows, out}, seed + 2);
        const auto bias = seed % 3 == 0 ? std::nullopt : std::optional(random_tensor({out}, seed));
        const Case forward{.params = ops::Dense{.activation = activations[seed % activations.size()]},
                           .inputs = {x, kernel, bias},
                           .outputs = {Tensor(Shape{rows, out})}};
        expect_as_reference(onednn(), forward, 1e-4, {.weights = {1, 2}});
        expect_as_reference(onednn(),
                            {.params = ops::DenseBackwardInput{},
                             .inputs = {dy, kernel},
                             .outputs = {Tensor(Shape{rows, in})}},
                            1e-4);
        expect_as_reference(onednn(),
                            {.params = ops::DenseBackwardKernel{},
                             .inputs = {x, dy},
                             .outputs = {Tensor(Shape{in, out}),
                                         seed % 2 == 0 ? std::optional(Tensor(Shape{out})) : std::nullopt}},
                            1e-4);
      }
    }
  }
}

TEST(Onednn, ProductsOfTwoValuesEqualTheReference) {
  std::uint64_t seed = 0;
  for (const bool turn_a : {false, true}) {
    for (const bool turn_b : {false, true}) {
      for (const Shape& leading : {Shape{3}, Shape{2, 5}}) {
        for (const std::int64_t shared : {1, 7, 64}) {
          ++seed;
          const auto of = [&](std::int64_t rows, std::int64_t columns) {
            std::vector<std::int64_t> sizes = leading.sizes();
            sizes.insert(sizes.end(), {rows, columns});
            return Shape(sizes);
          };
          expect_as_reference(onednn(),
                              {.params = ops::MatMul{turn_a, turn_b},
                               .inputs = {random_tensor(turn_a ? of(shared, 9) : of(9, shared), seed),
                                          random_tensor(turn_b ? of(11, shared) : of(shared, 11), seed + 1)},
                               .outputs = {Tensor(of(9, 11))}},
                              1e-4);
        }
      }
    }
  }
}

TEST(Reference, ProductOfTwoValuesIsTheFormula) {
  const Tensor a = Tensor::from({1, 2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
  const Tensor b = Tensor::from({1, 2, 3}, std::vector<float>{1, 0, 2, 0, 1, -1});
  const auto y =
      run(reference(),
          {.params = ops::MatMul{false, true}, .inputs = {a, b}, .outputs = {Tensor(Shape{1, 2, 2})}});
  const std::vector<float> expected{7, -1, 16, -1};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(y[0]->data()[i], expected[i]);
}

TEST(Onednn, DoesNotSupportEmptyArrays) {
  const ConvolutionCase c{.n = 1, .h = 2, .w = 2, .c = 3, .f = 4, .window = {.height = 5, .width = 5}};
  const Case forward = forward_convolution(c, 1, {}, false);
  EXPECT_FALSE(onednn().make(forward.spec()));
  const auto kernel = make_kernel(forward.spec());
  EXPECT_EQ(kernel->implementation(), "reference");
  EXPECT_EQ(run(*kernel, forward)[0]->count(), 0);
}

TEST(CanFuse, ActivationsThatOnednnHasExactly) {
  EXPECT_TRUE(can_fuse({}));
  EXPECT_TRUE(can_fuse(ops::activation_from_name("relu6")));
  EXPECT_TRUE(can_fuse(ops::activation_from_name("swish")));
  EXPECT_FALSE(can_fuse({.kind = ops::ActivationKind::relu, .threshold = 1}));
  EXPECT_FALSE(can_fuse(ops::activation_from_name("softsign")));
}

}  // namespace
}  // namespace graft::kernels::test
