// SPDX-License-Identifier: Apache-2.0
// Winograd's convolutions in float32 against the reference, and where they are taken; bfloat16's are in
// bfloat16_convolution_test.cpp.
#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "graft/base/parallel.hpp"

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

TEST(Winograd, EqualsTheReference) {
  const std::vector<Sizes> sizes = {{1, 14, 14, 64, 64, 1},  {6, 9, 11, 64, 80, 1},
                                    {2, 15, 13, 96, 64, 0},  {24, 28, 28, 64, 64, 1},
                                    {32, 3, 3, 128, 128, 1}, {2, 28, 28, 128, 32, 1}};
  const std::vector<std::string> activations = {"linear", "relu", "swish"};
  // Each activation with and without bias and residual; not every size with all, which sanitizers make slow.
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    for (const bool extras : {false, true}) {
      const Case c = case_of(sizes[i], activations[(i + (extras ? 1 : 0)) % 3], extras, extras);
      const auto kernel = kernel_for(c, true);
      const Tensor expected = *run(reference(), c)[0];
      expect_close(*run(*kernel, c, {.weights = {1, 2}})[0], expected,
                   c.describe() + std::string(kernel->implementation()));
    }
  }
}

TEST(Winograd, PacksChangedWeightsAgainAndSharesScratchMemory) {
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

/// The gradient of the input of such a convolution.
Case gradient_of(const Case& forward) {
  return {
      .params = ops::ConvolutionBackwardInput{.window = std::get<ops::Convolution>(forward.params).window},
      .inputs = {random_tensor(forward.outputs[0]->shape(), 5), forward.inputs[1]},
      .outputs = {Tensor(forward.inputs[0]->shape())}};
}

TEST(Winograd, ComputedWeightsAndTheInputsGradient) {
  for (const Sizes& s : {Sizes{6, 14, 14, 32, 64, 1}, Sizes{5, 17, 15, 64, 32, 0},
                         Sizes{1, 33, 34, 64, 96, 2}, Sizes{128, 3, 3, 32, 32, 1}}) {
    const Case forward = case_of(s, "relu", true, false);
    const Case backward = gradient_of(forward);
    for (const Case& c : {forward, backward}) {
      const auto kernel = kernel_for(c, false);
      const Tensor expected = *run(reference(), c)[0];
      const std::string what = c.describe() + std::string(kernel->implementation());
      expect_close(*run(*kernel, c)[0], expected, what);
      expect_close(*run(*kernel, c, {.weights = {1}})[0], expected, what + ", packed");
    }
  }
}

TEST(Winograd, ResultsDependNeitherOnThreadsNorOnTheBatch) {
  const int threads = num_threads();
  const Case many = case_of({8, 14, 14, 64, 96, 1}, "relu", true, false);
  Case one = many;
  one.inputs[0] = Tensor({1, 14, 14, 64});
  one.outputs[0] = Tensor({1, 14, 14, 96});
  std::ranges::copy(many.inputs[0]->data().subspan(0, one.inputs[0]->data().size()),
                    one.inputs[0]->data().begin());
  const RunOptions packed{.weights = {1, 2}};
  std::vector<Tensor> results;
  for (const int count : {1, 2, 3}) {
    set_num_threads(count);
    results.push_back(*run(*kernel_for(many, true), many, packed)[0]);
    results.push_back(*run(*kernel_for(one, true), one, packed)[0]);
  }
  set_num_threads(threads);
  const std::size_t count = results[1].data().size();
  for (const Tensor& result : results)
    EXPECT_TRUE(std::ranges::equal(result.data().subspan(0, count), results[0].data().subspan(0, count)));
}

TEST(Winograd, IsUsedOnlyWhereItIsFaster) {
  const auto taken = [](const Sizes& s, bool constant) {
    return is_winograd(*kernel_for(case_of(s, "relu", true, false), constant));
  };
  if (!taken({1, 28, 28, 64, 64, 1}, true))
    GTEST_SKIP() << "graft has no convolution by Winograd's method for this processor: it has no AVX-512";
  EXPECT_FALSE(
      taken({1, 28, 28, 64, 64, 1}, false));  // too few pixels for a kernel that changes in every step
  EXPECT_TRUE(taken({2, 28, 28, 64, 64, 1}, false));
  EXPECT_TRUE(taken({1, 28, 28, 32, 64, 1}, true));
  EXPECT_FALSE(taken({1, 28, 28, 16, 64, 1}, true));
  EXPECT_FALSE(taken({1, 28, 28, 40, 64, 1}, true));
  EXPECT_FALSE(taken({1, 28, 28, 64, 80, 1}, true));
  EXPECT_FALSE(taken({1, 7, 7, 64, 64, 1}, true));
  EXPECT_FALSE(taken({60, 2, 2, 64, 64, 1}, true));  // a tile has four times as many results
}

}  // namespace
}  // namespace graft::kernels::test
