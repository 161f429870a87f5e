// SPDX-License-Identifier: Apache-2.0
// Kernels whose arguments have 8 bits against the reference on the same, rounded, numbers.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "cases.hpp"

namespace graft::kernels::test {
namespace {

constexpr double kFloatTolerance = 2e-5;

/// Types and scales of a case's arguments; those left out are float32.
struct Formats {
  std::vector<Argument> inputs, outputs;
};
const Argument kFloat{};
Argument bytes(DType dtype, float scale) { return {.shape = {}, .dtype = dtype, .scale = scale}; }

/// By the reference's formula.
Tensor cast(const Tensor& from, const Argument& is, const Argument& wanted) {
  Tensor to(from.shape(), wanted.dtype);
  const auto kernel =
      reference().make({ops::Cast{},
                        {{.shape = from.shape(), .dtype = is.dtype, .scale = is.scale}},
                        {{.shape = from.shape(), .dtype = wanted.dtype, .scale = wanted.scale}}});
  kernel->run({}, std::array{view_of(from)}, std::array{view_of(to)});
  return to;
}
Tensor to_format(const Tensor& x, const Argument& format) {
  return format.dtype == DType::float32 ? x : cast(x, kFloat, format);
}
Tensor from_format(const Tensor& x, const Argument& format) {
  return format.dtype == DType::float32 ? x : cast(x, format, kFloat);
}
Argument format_of(const std::vector<Argument>& list, std::size_t i) {
  return i < list.size() ? list[i] : kFloat;
}

/// The result of the kernel that a plan would use, as float32.
Tensor run_formats(const Case& c, const Formats& formats, const std::vector<std::size_t>& weights,
                   std::string* implementation = nullptr) {
  Spec spec = c.spec();
  std::vector<Tensor> alive;
  std::vector<View> inputs, packed;
  for (std::size_t i = 0; i < c.inputs.size(); ++i) {
    const Argument format = format_of(formats.inputs, i);
    spec.inputs[i].dtype = format.dtype;
    spec.inputs[i].scale = format.scale;
    if (c.inputs[i]) alive.push_back(to_format(*c.inputs[i], format));
    inputs.push_back(c.inputs[i] ? view_of(alive.back()) : View{});
    packed.push_back(std::ranges::find(weights, i) != weights.end() ? inputs.back() : View{});
  }
  const Argument format = format_of(formats.outputs, 0);
  spec.outputs[0].dtype = format.dtype;
  spec.outputs[0].scale = format.scale;
  Tensor result(c.outputs[0]->shape(), format.dtype);
  const auto kernel = make_kernel(spec);
  if (implementation != nullptr) *implementation = kernel->implementation();
  kernel->pack(packed);
  kernel->run({}, inputs, std::array{view_of(result)});
  return from_format(result, format);
}

/// Weights as the 8-bit kernels round them: the largest of each output channel is the most there is.
Tensor rounded_weights(const Tensor& kernel, const WeightLevels& levels) {
  Tensor result = kernel.clone();
  const auto filters = static_cast<std::size_t>(kernel.shape()[-1]);
  const std::span<float> w = result.data();
  for (std::size_t f = 0; f < filters; ++f) {
    float largest = 0;
    for (std::size_t i = f; i < w.size(); i += filters) largest = std::max(largest, std::abs(w[i]));
    const float scale = largest / static_cast<float>(levels.most) * static_cast<float>(levels.step);
    for (std::size_t i = f; i < w.size(); i += filters)
      w[i] = static_cast<float>(static_cast<double>(std::nearbyint(w[i] / scale)) * scale);
  }
  return result;
}

WeightLevels levels_of(const Case& c, const Argument& x) {
  const auto* op = std::get_if<ops::Convolution>(&c.params);
  return eight_bit_weight_levels(x.dtype,
                                 op != nullptr && op->groups > 1 && op->groups == c.inputs[0]->shape()[-1]);
}

/// The kernel computes the reference's result of the same rounded numbers: in float32 within its precision;
/// in 8 bits the same number, apart from a few that are between two. Weights are not rounded where the
/// kernel runs in float32 between conversions, which is counted.
void expect_formats(const Case& c, const Formats& formats, const std::vector<std::size_t>& weights = {},
                    int* converting = nullptr) {
  SCOPED_TRACE(c.describe());
  Case rounded = c;
  for (std::size_t i = 0; i < c.inputs.size(); ++i) {
    const Argument format = format_of(formats.inputs, i);
    if (c.inputs[i]) rounded.inputs[i] = from_format(to_format(*c.inputs[i], format), format);
  }
  const Argument format = format_of(formats.outputs, 0);
  std::string implementation;
  const Tensor got = run_formats(c, formats, weights, &implementation);
  const bool whole = implementation.find("converting") == std::string::npos;
  if (!whole && converting != nullptr) ++*converting;
  if (whole && !weights.empty())
    rounded.inputs[1] = rounded_weights(*c.inputs[1], levels_of(c, format_of(formats.inputs, 0)));
  const Tensor exact = *run(reference(), rounded)[0];
  const Tensor expected = from_format(to_format(exact, format), format);
  double largest = 1;
  for (const float x : exact.data()) largest = std::max(largest, std::abs(static_cast<double>(x)));
  std::size_t other = 0;
  const double one = format.dtype == DType::float32 ? kFloatTolerance * largest : 1.01 * format.scale;
  for (std::size_t i = 0; i < expected.data().size(); ++i) {
    const double difference = std::abs(static_cast<double>(got.data()[i]) - expected.data()[i]);
    ASSERT_LE(difference, one) << "element " << i << ": " << got.data()[i] << ", expected "
                               << expected.data()[i];
    other += difference > 0 ? 1 : 0;
  }
  if (format.dtype == DType::float32) return;
  EXPECT_LE(other, expected.data().size() / 100 + 1);
}

const Argument kSigned = bytes(DType::int8, 0.01F);
const Argument kUnsigned = bytes(DType::uint8, 0.004F);

/// Results of up to about 2 in both types.
Argument result_format(std::uint64_t number) {
  if (number % 3 == 0) return bytes(DType::int8, 0.021F);
  return number % 3 == 1 ? bytes(DType::uint8, 0.011F) : kFloat;
}

TEST(EightBit, ConvolutionOfRandomShapesEqualsTheRoundedReference) {
  int converting = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const ConvolutionCase c = random_convolution(seed);
    const Argument result = result_format(seed / 4);
    const bool residual = seed % 2 == 0;
    // A float32 result adds a float32 residual, one of 8 bits one of 8 bits.
    const Argument added = result.dtype == DType::float32 ? kFloat : seed % 4 == 0 ? kSigned : kUnsigned;
    const ops::Activation relu = seed % 7 == 0 ? ops::Activation{} : ops::activation_from_name("relu");
    expect_formats(forward_convolution(c, seed, relu, residual),
                   {{seed % 3 == 0 ? kSigned : kUnsigned, kFloat, kFloat, added}, {result}}, {1, 2},
                   &converting);
  }
  // oneDNN has fewer 8-bit kernels for processors without VNNI: 65 of these shapes are converted there.
  EXPECT_LT(converting, eight_bit_weight_levels(DType::uint8, false).most == 127 ? 50 : 75);
}

TEST(EightBit, ConvolutionWithEveryFusedActivationAndResidual) {
  const ConvolutionCase c{.n = 2, .h = 6, .w = 6, .c = 16, .f = 24, .window = {.height = 3, .width = 3}};
  for (const ops::Activation& activation : all_activations()) {
    int converting = 0;
    for (const std::uint64_t result : {0U, 1U, 2U}) {
      const Argument format = result_format(result);
      expect_formats(forward_convolution(c, 3, activation, false),
                     {{kUnsigned, kFloat, kFloat, kFloat}, {format}}, {1, 2}, &converting);
      const Argument added = format.dtype == DType::float32 ? kFloat : kSigned;
      expect_formats(forward_convolution(c, 3, activation, true),
                     {{kUnsigned, kFloat, kFloat, added}, {format}}, {1, 2}, &converting);
    }
    EXPECT_TRUE(converting == 0 || !can_fuse(activation)) << ops::activation_name(activation);
  }
}

TEST(EightBit, OnednnRunsTheConvolutionsOfNetworks) {
  std::string implementation;
  for (const std::int64_t groups : {1, 32}) {
    const ConvolutionCase c{
        .n = 1,
        .h = 14,
        .w = 14,
        .c = 32,
        .f = 32,
        .groups = groups,
        .window = {.height = 3, .width = 3, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1}};
    for (const Argument& x : {kSigned, kUnsigned}) {
      (void)run_formats(forward_convolution(c, 1, {}, true), {{x, kFloat, kFloat, kSigned}, {kSigned}},
                        {1, 2}, &implementation);
      EXPECT_EQ(implementation.find("converting"), std::string::npos) << implementation;
      (void)run_formats(forward_convolution(c, 1, {}, false), {{x, kFloat, kFloat}, {x}}, {1, 2},
                        &implementation);
      EXPECT_NE(implementation.find("onednn"), std::string::npos) << implementation;
    }
  }
}

TEST(EightBit, ZeroWeightsAndLargeBiases) {
  const ConvolutionCase c{.n = 1, .h = 4, .w = 4, .c = 8, .f = 16, .window = {.height = 1, .width = 1}};
  Case one = forward_convolution(c, 1, {}, false);
  for (std::size_t i = 0; i < one.inputs[1]->data().size(); i += 16) one.inputs[1]->data()[i] = 0;
  for (std::size_t i = 1; i < one.inputs[1]->data().size(); i += 16) one.inputs[1]->data()[i] = 1e-30F;
  one.inputs[2]->data()[1] = 1e20F;
  const Tensor y = run_formats(one, {{kUnsigned}, {}}, {1, 2});
  EXPECT_FLOAT_EQ(y.data()[0], one.inputs[2]->data()[0]);
  EXPECT_FLOAT_EQ(y.data()[1], 1e20F);
}

TEST(EightBit, DenseEqualsTheRoundedReference) {
  std::uint64_t seed = 0;
  for (const std::int64_t rows : {1, 7, 32}) {
    for (const std::int64_t in : {3, 64, 1280}) {
      ++seed;
      const Case dense{
          .params = ops::Dense{ops::activation_from_name("relu")},
          .inputs = {random_tensor({rows, in}, seed), random_tensor({in, 33}, seed + 1, -0.1, 0.1),
                     random_tensor({33}, seed + 2)},
          .outputs = {Tensor({rows, 33})}};
      expect_formats(dense, {{kUnsigned}, {result_format(seed)}}, {1, 2});
    }
  }
}

TEST(EightBit, CastEqualsTheReferenceAlsoForNaN) {
  Tensor x = random_tensor({3, 1001}, 1, -3, 3);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float odd[] = {
      0.005F, 0.015F, -0.005F, kInfinity, -kInfinity, 1e30F, std::numeric_limits<float>::quiet_NaN()};
  std::ranges::copy(odd, x.data().begin());
  for (const Argument& format : {kSigned, kUnsigned, bytes(DType::int8, 0.03125F)}) {
    const Case down{.params = ops::Cast{}, .inputs = {x}, .outputs = {Tensor(x.shape())}};
    const Tensor got = run_formats(down, {{kFloat}, {format}}, {});
    const Tensor expected = from_format(to_format(x, format), format);
    std::size_t other = 0;  // x / scale and x (1 / scale) may fall on two sides of a half
    for (std::size_t i = 0; i < x.data().size(); ++i) {
      ASSERT_NEAR(got.data()[i], expected.data()[i], 1.01 * format.scale) << x.data()[i];
      other += got.data()[i] != expected.data()[i] ? 1 : 0;
    }
    EXPECT_LE(other, 3U);
    EXPECT_FLOAT_EQ(got.data()[3], format.scale * (format.dtype == DType::uint8 ? 255 : 127));
    EXPECT_FLOAT_EQ(got.data()[6], format.scale * (format.dtype == DType::uint8 ? 0 : -128));
  }
}

TEST(EightBit, OtherOpsRunDirectlyOrBetweenConversions) {
  // Three taps at every place: no average is between two numbers.
  const ops::Window window{.height = 3, .width = 1, .stride_height = 2, .stride_width = 1};
  const Tensor x = random_tensor({3, 9, 8, 12}, 1);
  const Tensor b = random_tensor({3, 9, 8, 12}, 2);
  for (const Argument& format : {kSigned, kUnsigned}) {
    for (const auto kind : {ops::PoolKind::max, ops::PoolKind::average}) {
      expect_formats({.params = ops::Pool{.kind = kind, .window = window},
                      .inputs = {x},
                      .outputs = {Tensor({3, 4, 8, 12})}},
                     {{format}, {format}});
      expect_formats({.params = ops::GlobalPool{kind}, .inputs = {x}, .outputs = {Tensor({3, 12})}},
                     {{format}, {}});
    }
    expect_formats(
        {.params = ops::Pad{.top = 1, .left = 2}, .inputs = {x}, .outputs = {Tensor({3, 10, 10, 12})}},
        {{format}, {format}});
    expect_formats({.params = ops::Concatenate{}, .inputs = {x, b}, .outputs = {Tensor({3, 9, 8, 24})}},
                   {{format, format}, {format}});
    expect_formats({.params = ops::Slice{.begin = 5}, .inputs = {x}, .outputs = {Tensor({3, 9, 8, 4})}},
                   {{format}, {format}});
    expect_formats({.params = ops::Binary{ops::BinaryKind::add, ops::activation_from_name("relu")},
                    .inputs = {x, b},
                    .outputs = {Tensor(x.shape())}},
                   {{format, kSigned}, {bytes(DType::uint8, 0.01F)}});
  }
}

}  // namespace
}  // namespace graft::kernels::test
