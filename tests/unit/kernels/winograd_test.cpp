// SPDX-License-Identifier: Apache-2.0
// Winograd's convolutions against the reference, and where they are taken.
#include <string>

#include "cases.hpp"

namespace graft::kernels::test {
namespace {

/// Of the largest result: float32 sums in another order differ as much.
constexpr double kSumsTolerance = 1e-5;

struct Sizes {
  std::int64_t n, h, w, c, f, pad;
};

Case case_of(const Sizes& s, const std::string& activation, bool with_bias, bool with_residual) {
  const Shape y{s.n, s.h + 2 * s.pad - 2, s.w + 2 * s.pad - 2, s.f};
  const ops::Window window{
      .height = 3, .width = 3, .pad_top = s.pad, .pad_bottom = s.pad, .pad_left = s.pad, .pad_right = s.pad};
  return {.params = ops::Convolution{.window = window, .activation = ops::activation_from_name(activation)},
          .inputs = {random_tensor({s.n, s.h, s.w, s.c}, 1), random_tensor({3, 3, s.c, s.f}, 2, -0.1, 0.1),
                     with_bias ? std::optional(random_tensor({s.f}, 3)) : std::nullopt,
                     with_residual ? std::optional(random_tensor(y, 4)) : std::nullopt},
          .outputs = {Tensor(y)}};
}

std::unique_ptr<Kernel> kernel_for(const Case& c, bool constant) {
  Spec spec = c.spec();
  spec.inputs[1].constant = constant;
  return make_kernel(spec);
}

bool is_winograd(const Kernel& kernel) {
  return kernel.implementation().find("wino") != std::string_view::npos;
}

void expect_close(const Tensor& got, const Tensor& expected, const std::string& what) {
  double largest = 1;
  for (const float x : expected.data()) largest = std::max(largest, std::abs(static_cast<double>(x)));
  for (std::size_t i = 0; i < expected.data().size(); ++i)
    ASSERT_NEAR(got.data()[i], expected.data()[i], kSumsTolerance * largest) << what << ", element " << i;
}

TEST(Winograd, GivesWhatTheReferenceGives) {
  for (const Sizes& s :
       {Sizes{1, 14, 14, 64, 64, 1}, Sizes{6, 9, 11, 64, 80, 1}, Sizes{2, 15, 13, 96, 64, 0},
        Sizes{24, 28, 28, 64, 64, 1}, Sizes{32, 3, 3, 128, 128, 1}, Sizes{2, 28, 28, 128, 32, 1}}) {
    for (const char* activation : {"linear", "relu", "swish"}) {
      for (const bool extras : {false, true}) {
        const Case c = case_of(s, activation, extras, extras);
        const auto kernel = kernel_for(c, true);
        const RunOptions packed{.weights = {1, 2}};
        const Tensor expected = *run(reference(), c)[0];
        expect_close(*run(*kernel, c, packed)[0], expected,
                     c.describe() + std::string(kernel->implementation()));
      }
    }
  }
}

TEST(Winograd, TakesChangedWeightsOverAndSharesItsMemory) {
  const Case large = case_of({4, 28, 28, 64, 64, 1}, "relu", true, false);
  Case small = case_of({1, 14, 14, 64, 64, 1}, "relu", true, false);
  const auto of_large = kernel_for(large, true);
  const auto of_small = kernel_for(small, true);
  const RunOptions packed{.weights = {1, 2}};
  expect_close(*run(*of_small, small, packed)[0], *run(reference(), small)[0], "small");
  expect_close(*run(*of_large, large, packed)[0], *run(reference(), large)[0], "large");
  small.inputs[1] = random_tensor({3, 3, 64, 64}, 9, -0.1, 0.1);
  expect_close(*run(*of_small, small, packed)[0], *run(reference(), small)[0], "changed weights");
}

TEST(Winograd, IsLeftToConstantWeightsOfLargeConvolutions) {
  const Case c = case_of({1, 28, 28, 64, 64, 1}, "relu", true, false);
  if (!is_winograd(*kernel_for(c, true)))
    GTEST_SKIP() << "oneDNN has no convolution by Winograd's method for this processor";
  EXPECT_FALSE(is_winograd(*kernel_for(c, false)));
  EXPECT_FALSE(is_winograd(*kernel_for(case_of({1, 28, 28, 32, 64, 1}, "relu", true, false), true)));
  EXPECT_FALSE(is_winograd(*kernel_for(case_of({1, 7, 7, 64, 64, 1}, "relu", true, false), true)));
}

}  // namespace
}  // namespace graft::kernels::test
