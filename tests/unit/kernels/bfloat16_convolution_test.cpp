// SPDX-License-Identifier: Apache-2.0
// Convolutions in bfloat16 by kernels of graft's own, against the reference on the same, rounded, numbers.
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include <gtest/gtest.h>

#include "bf16_cases.hpp"

namespace graft::kernels::test {
namespace {

/// Winograd's method rounds pixels and weights once more, after their transformation; and a sum of 1.5 may be
/// large where tanh makes it less than 1.
constexpr double kTransformedRounding = 2 * kRounding;

/// As in a plan of samples that go through `c` with weights that training changes or does not.
bool is_winograd(const ConvolutionCase& c, bool constant) {
  const auto argument = [](const Shape& shape, DType dtype) {
    return Argument{.shape = shape, .dtype = dtype};
  };
  Spec spec{ops::Convolution{.window = c.window, .groups = c.groups},
            {argument(c.x(), DType::bfloat16), argument(c.kernel(), DType::float32)},
            {argument(c.y(), DType::bfloat16)}};
  spec.inputs[1].constant = constant;
  return make_kernel(spec)->implementation().find("winograd:avx512_core_bf16") != std::string_view::npos;
}

ops::Window three_by_three(std::int64_t pad) {
  return {.height = 3, .width = 3, .pad_top = pad, .pad_bottom = pad, .pad_left = pad, .pad_right = pad};
}

/// Large enough to be computed by Winograd's method, even where the kernel trains.
std::vector<ConvolutionCase> winograd_cases() {
  ops::Window uneven = three_by_three(1);
  uneven.pad_top = 2;
  uneven.pad_right = 0;
  return {{.n = 3, .h = 20, .w = 18, .c = 64, .f = 64, .window = three_by_three(1)},
          {.n = 2, .h = 25, .w = 31, .c = 80, .f = 96, .window = three_by_three(0)},
          {.n = 1, .h = 33, .w = 35, .c = 128, .f = 128, .window = uneven},
          {.n = 70, .h = 4, .w = 4, .c = 64, .f = 160, .window = three_by_three(1)}};
}

TEST(Bfloat16, WinogradConvolution) {
  const auto activations = all_activations();
  std::uint64_t seed = 0;
  for (const ConvolutionCase& c : winograd_cases()) {
    EXPECT_EQ(is_winograd(c, true), has_bfloat16());
    EXPECT_EQ(is_winograd(c, false), has_bfloat16());
    const Tensor kernel = from_bf16(to_bf16(random_tensor(c.kernel(), 2, -0.1, 0.1)));
    const Tensor x = random_tensor(c.x(), 1);
    for (const bool extras : {false, true}) {
      const auto bias = extras ? std::optional(random_tensor({c.f}, 3)) : std::nullopt;
      const auto residual = extras ? std::optional(random_tensor(c.y(), 4)) : std::nullopt;
      const ops::Activation& activation = activations[++seed % activations.size()];
      const Case forward{.params = ops::Convolution{.window = c.window, .activation = activation},
                         .inputs = {x, kernel, bias, residual},
                         .outputs = {Tensor(c.y())}};
      const Bf16Arguments low{.inputs = {0, 3}, .outputs = {0}};
      // Weights that were packed before, and weights that come with the run.
      expect_rounded(forward, low, extras ? RunOptions{} : RunOptions{.weights = {1, 2}},
                     kTransformedRounding);
    }
    expect_rounded({.params = ops::ConvolutionBackwardInput{.window = c.window},
                    .inputs = {random_tensor(c.y(), 5), kernel},
                    .outputs = {Tensor(c.x())}},
                   {.inputs = {0}, .outputs = {0}}, {.weights = {1}}, kTransformedRounding);
  }
}

TEST(Bfloat16, WinogradIsUsedOnlyWhereItIsFaster) {
  const ConvolutionCase gains{.n = 1, .h = 28, .w = 28, .c = 64, .f = 64, .window = three_by_three(1)};
  EXPECT_EQ(is_winograd(gains, true), has_bfloat16());
  EXPECT_FALSE(is_winograd(gains, false));  // too few pixels for a kernel that changes in every step
  const auto changed = [&](auto change) {
    ConvolutionCase c = gains;
    change(c);
    return c;
  };
  EXPECT_FALSE(is_winograd(changed([](ConvolutionCase& c) { c.c = 32; }), true));
  EXPECT_FALSE(is_winograd(changed([](ConvolutionCase& c) { c.f = 48; }), true));
  EXPECT_FALSE(is_winograd(changed([](ConvolutionCase& c) { c.h = c.w = 7; }), true));
  EXPECT_FALSE(is_winograd(changed([](ConvolutionCase& c) { c.n = 90, c.h = c.w = 3; }), true));
  EXPECT_FALSE(is_winograd(changed([](ConvolutionCase& c) { c.window.stride_height = 2; }), true));
  EXPECT_FALSE(is_winograd(changed([](ConvolutionCase& c) { c.window.dilation_width = 2; }), true));
  EXPECT_FALSE(is_winograd(changed([](ConvolutionCase& c) { c.groups = 2; }), true));
}

/// Depthwise convolutions, of every size that the native loops support: images narrower and
/// wider than what they sum at a time, taps beyond every edge.
std::vector<ConvolutionCase> depthwise_cases() {
  std::vector<ConvolutionCase> cases;
  for (const std::int64_t side : {3, 5}) {
    for (const std::int64_t step : {1, 2}) {
      for (const std::int64_t size : {1, 2, 5, 6, 11, 23}) {
        for (const std::int64_t pad : {std::int64_t{0}, side / 2}) {
          const ConvolutionCase c{.n = 2,
                                  .h = size + 1,
                                  .w = size,
                                  .c = 48,
                                  .f = 48,
                                  .groups = 48,
                                  .window = {.height = side,
                                             .width = side,
                                             .stride_height = step,
                                             .stride_width = step,
                                             .pad_top = pad,
                                             .pad_bottom = side / 2,
                                             .pad_left = side / 2,
                                             .pad_right = pad}};
          if (c.y()[1] > 0 && c.y()[2] > 0) cases.push_back(c);
        }
      }
    }
  }
  return cases;
}

TEST(Bfloat16, DepthwiseConvolution) {
  std::uint64_t seed = 0;
  for (const ConvolutionCase& c : depthwise_cases()) {
    const Tensor kernel = from_bf16(to_bf16(random_tensor(c.kernel(), 2)));
    const char* activation = std::array{"linear", "relu", "relu6", "swish", "tanh"}.at(++seed % 5);
    const Case forward{.params = ops::Convolution{.window = c.window,
                                                  .groups = c.groups,
                                                  .activation = ops::activation_from_name(activation)},
                       .inputs = {random_tensor(c.x(), seed), kernel, random_tensor({c.f}, 3)},
                       .outputs = {Tensor(c.y())}};
    const Case backward{.params = ops::ConvolutionBackwardInput{.window = c.window, .groups = c.groups},
                        .inputs = {random_tensor(c.y(), 5), kernel},
                        .outputs = {Tensor(c.x())}};
    expect_rounded(forward, {.inputs = {0}, .outputs = {0}}, {.weights = {1, 2}});
    expect_rounded(forward, {.inputs = {0}, .outputs = {0}});
    expect_rounded(backward, {.inputs = {0}, .outputs = {0}}, {.weights = {1}});
    if (!has_bfloat16()) continue;
    expect_as_reference(native(), forward, 1e-5, {.weights = {1, 2}});
    if (c.window.stride_height == 1) expect_as_reference(native(), backward, 1e-5);
  }
}

/// Every bfloat16 number through swish, beside the formula.
TEST(Bfloat16, SwishOfEveryNumber) {
  const Shape all{256, 256};
  Tensor x(all);
  for (std::size_t i = 0; i < x.data().size(); ++i)
    x.data()[i] = from_bfloat16(static_cast<std::uint16_t>(i));
  const ops::Activation swish = ops::activation_from_name("swish");
  // Through a convolution of 1 x 1 by the identity, which leaves numbers as they are.
  const std::int64_t width = 64;
  Tensor identity({1, 1, width, width});
  for (std::int64_t i = 0; i < width; ++i) identity.data()[static_cast<std::size_t>(i * width + i)] = 1;
  for (std::int64_t begin = 0; begin < 65536; begin += width) {
    Tensor pixel({1, 1, 1, width});
    bool finite = true;
    for (std::int64_t i = 0; i < width; ++i) {
      pixel.data()[static_cast<std::size_t>(i)] = x.data()[static_cast<std::size_t>(begin + i)];
      finite = finite && std::isfinite(x.data()[static_cast<std::size_t>(begin + i)]);
    }
    if (!finite) continue;  // infinity times zero
    const auto got = run_bf16({.params = ops::Convolution{.activation = swish},
                               .inputs = {pixel, identity},
                               .outputs = {Tensor({1, 1, 1, width})}},
                              {.inputs = {0}, .outputs = {0}}, {.weights = {1}});
    for (std::int64_t i = 0; i < width; ++i) {
      const float expected = ops::activate(swish, pixel.data()[static_cast<std::size_t>(i)]);
      ASSERT_NEAR(got[0]->data()[static_cast<std::size_t>(i)], expected,
                  std::abs(expected) * kRounding + 1e-30)
          << pixel.data()[static_cast<std::size_t>(i)];
    }
  }
}

}  // namespace
}  // namespace graft::kernels::test
