// SPDX-License-Identifier: Apache-2.0
// Kernels whose arguments are bfloat16 against the reference on the same, rounded, numbers.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "cases.hpp"

namespace graft::kernels::test {
namespace {

/// Half a unit in the last of bfloat16's 8 places, twice: once for the result, once for a sum's other order.
constexpr double kRounding = 1.0 / 256 * 2;

/// Winograd's method rounds pixels and weights once more, after their transformation; and a sum of 1.5 may be
/// large where tanh makes it less than 1.
constexpr double kTransformedRounding = 2 * kRounding;

/// Which arguments are bfloat16.
struct Low {
  std::vector<std::size_t> inputs, outputs;
};

bool contains(const std::vector<std::size_t>& list, std::size_t i) {
  return std::ranges::find(list, i) != list.end();
}

Tensor to_low(const Tensor& tensor) {
  Tensor low(tensor.shape(), DType::bfloat16);
  auto* bits = static_cast<std::uint16_t*>(low.raw());
  for (std::size_t i = 0; i < tensor.data().size(); ++i) bits[i] = to_bfloat16(tensor.data()[i]);
  return low;
}

Tensor from_low(const Tensor& low) {
  Tensor tensor(low.shape());
  const auto* bits = static_cast<const std::uint16_t*>(low.raw());
  for (std::size_t i = 0; i < tensor.data().size(); ++i) tensor.data()[i] = from_bfloat16(bits[i]);
  return tensor;
}

std::vector<std::optional<Tensor>> run_low(const Case& c, const Low& low, const RunOptions& options) {
  Spec spec = c.spec();
  std::vector<Tensor> alive;
  std::vector<const float*> inputs;
  std::vector<const float*> weights;
  std::vector<float*> outputs;
  for (std::size_t i = 0; i < c.inputs.size(); ++i) {
    if (c.inputs[i]) alive.push_back(contains(low.inputs, i) ? to_low(*c.inputs[i]) : *c.inputs[i]);
    if (contains(low.inputs, i)) spec.inputs[i].dtype = DType::bfloat16;
    inputs.push_back(c.inputs[i] ? static_cast<const float*>(alive.back().raw()) : nullptr);
    weights.push_back(contains(options.weights, i) ? inputs.back() : nullptr);
  }
  std::vector<std::optional<Tensor>> results;
  for (std::size_t i = 0; i < c.outputs.size(); ++i) {
    const DType dtype = contains(low.outputs, i) ? DType::bfloat16 : DType::float32;
    results.push_back(c.outputs[i] ? std::optional(Tensor(c.outputs[i]->shape(), dtype)) : std::nullopt);
    spec.outputs[i].dtype = dtype;
    outputs.push_back(results[i] ? static_cast<float*>(results[i]->raw()) : nullptr);
  }
  const auto kernel = make_kernel(spec);
  kernel->pack(weights);
  kernel->run(options.context, inputs, outputs);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i] && contains(low.outputs, i)) results[i] = from_low(*results[i]);
  }
  return results;
}

void expect_rounded(const Case& c, const Low& low, const RunOptions& options = {},
                    double rounding = kRounding) {
  SCOPED_TRACE(c.describe());
  Case rounded = c;
  for (const std::size_t i : low.inputs) {
    if (rounded.inputs[i]) rounded.inputs[i] = from_low(to_low(*rounded.inputs[i]));
  }
  const auto expected = run(reference(), rounded, {.context = options.context});
  const auto got = run_low(rounded, low, options);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!expected[i]) continue;
    double largest = 0;
    for (const float x : expected[i]->data()) largest = std::max(largest, std::abs(static_cast<double>(x)));
    for (std::size_t k = 0; k < expected[i]->data().size(); ++k)
      ASSERT_NEAR(got[i]->data()[k], expected[i]->data()[k], rounding * largest) << "output " << i;
  }
}

TEST(Bfloat16, ConvolutionAndItsGradients) {
  const auto activations = all_activations();
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const ConvolutionCase c = random_convolution(seed);
    // The factors' packed copy is rounded too, so the reference must have rounded ones.
    const Tensor kernel = from_low(to_low(random_tensor(c.kernel(), seed + 2)));
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

/// As in a plan of samples that go through `c` with weights that training changes or does not.
bool is_winograd(const ConvolutionCase& c, bool constant) {
  const auto argument = [](const Shape& shape, DType dtype) {
    return Argument{.shape = shape, .dtype = dtype};
  };
  Spec spec{ops::Convolution{.window = c.window, .groups = c.groups},
            {argument(c.x(), DType::bfloat16), argument(c.kernel(), DType::float32)},
            {argument(c.y(), DType::bfloat16)}};
  spec.inputs[1].constant = constant;
  return make_kernel(spec)->implementation().find("winograd") != std::string_view::npos;
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

TEST(Bfloat16, ConvolutionByWinogradsMethod) {
  const auto activations = all_activations();
  std::uint64_t seed = 0;
  for (const ConvolutionCase& c : winograd_cases()) {
    EXPECT_EQ(is_winograd(c, true), has_fast_bfloat16());
    EXPECT_EQ(is_winograd(c, false), has_fast_bfloat16());
    const Tensor kernel = from_low(to_low(random_tensor(c.kernel(), 2, -0.1, 0.1)));
    const Tensor x = random_tensor(c.x(), 1);
    for (const bool extras : {false, true}) {
      const auto bias = extras ? std::optional(random_tensor({c.f}, 3)) : std::nullopt;
      const auto residual = extras ? std::optional(random_tensor(c.y(), 4)) : std::nullopt;
      const ops::Activation& activation = activations[++seed % activations.size()];
      const Case forward{.params = ops::Convolution{.window = c.window, .activation = activation},
                         .inputs = {x, kernel, bias, residual},
                         .outputs = {Tensor(c.y())}};
      const Low low{.inputs = {0, 3}, .outputs = {0}};
      expect_rounded(forward, low, {.weights = {1, 2}}, kTransformedRounding);
      expect_rounded(forward, low, {}, kTransformedRounding);  // weights that come with the run
    }
    expect_rounded({.params = ops::ConvolutionBackwardInput{.window = c.window},
                    .inputs = {random_tensor(c.y(), 5), kernel},
                    .outputs = {Tensor(c.x())}},
                   {.inputs = {0}, .outputs = {0}}, {.weights = {1}}, kTransformedRounding);
  }
}

TEST(Bfloat16, WinogradsMethodIsLeftToConvolutionsThatGainByIt) {
  const ConvolutionCase gains{.n = 1, .h = 28, .w = 28, .c = 64, .f = 64, .window = three_by_three(1)};
  EXPECT_EQ(is_winograd(gains, true), has_fast_bfloat16());
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

/// Convolutions that see each channel alone, of every size that the native loops take: images narrower and
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
    const Tensor kernel = from_low(to_low(random_tensor(c.kernel(), 2)));
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
    if (!has_fast_bfloat16()) continue;
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
    const auto got = run_low({.params = ops::Convolution{.activation = swish},
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
  const Tensor kernel = from_low(to_low(random_tensor({65, 33}, 1)));
  const Case c{.params = ops::Dense{.activation = ops::activation_from_name("relu")},
               .inputs = {random_tensor({5, 65}, 2), kernel, random_tensor({33}, 3)},
               .outputs = {Tensor(Shape{5, 33})}};
  expect_rounded(c, {.inputs = {0}, .outputs = {0}}, {.weights = {1, 2}});
  expect_rounded(c, {.inputs = {0}}, {.weights = {1, 2}});
}

/// Large enough that few samples are worked on at a time.
const Shape kImages{6, 40, 40, 24};

TEST(Bfloat16, AverageOfOneImageSharedAmongThreads) {
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
  expect_rounded({.params = ops::Add{ops::activation_from_name("relu")}, .inputs = {x, dy}, .outputs = {x}},
                 {.inputs = {0, 1}, .outputs = {0}});
  expect_rounded({.params = ops::Add{}, .inputs = {x, dy}, .outputs = {x}}, {.inputs = {0}, .outputs = {0}});
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
    const Tensor x = from_low(to_low(random_tensor(kImages, 1, -2, 3)));
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

TEST(Bfloat16, StatisticsAreThoseOfTheSameNumbersInFloat32) {
  const Tensor x = from_low(to_low(random_tensor(kImages, 1, 90, 110)));
  const Case c{.params = ops::BatchNormalizationTraining{},
               .inputs = {x, random_tensor({24}, 3), random_tensor({24}, 4)},
               .outputs = {x, Tensor(Shape{24}), Tensor(Shape{24})}};
  const auto exact = run(native(), c);
  const auto low = run_low(c, {.inputs = {0}, .outputs = {0}}, {});
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}})
    EXPECT_TRUE(std::ranges::equal(low[i]->data(), exact[i]->data())) << "no sum is rounded";
}

TEST(Bfloat16, CastRoundsToNearestEvenAndKeepsWhatIsNoNumber) {
  const float inf = std::numeric_limits<float>::infinity();
  const Tensor x = Tensor::from({6}, std::vector<float>{1.00390625F, 1.01171875F, -0.0F, inf, -inf, 3e38F});
  for (const Backend* backend : {&native(), &reference()}) {
    Tensor low(x.shape(), DType::bfloat16);
    const Spec spec{ops::Cast{}, {{x.shape()}}, {{.shape = x.shape(), .dtype = DType::bfloat16}}};
    const std::vector<const float*> inputs{x.data().data()};
    const std::vector<float*> outputs{static_cast<float*>(low.raw())};
    backend->make(spec)->run({}, inputs, outputs);
    const Tensor back = from_low(low);
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
  const std::vector<const float*> inputs{nan.data().data()};
  const std::vector<float*> outputs{static_cast<float*>(low.raw())};
  native().make(spec)->run({}, inputs, outputs);
  const Tensor back = from_low(low);
  for (const float value : back.data()) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace graft::kernels::test
