// SPDX-License-Identifier: Apache-2.0
// The fast loops compute what the formulas compute.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "cases.hpp"

namespace graft::kernels::test {
namespace {

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> all{{1, 1, 1, 1},   {1, 1, 1, 17},   {2, 5, 7, 3},    {3, 4, 4, 24},
                                      {2, 9, 9, 64},  {1, 13, 11, 65}, {2, 28, 28, 96}, {4, 3, 3, 320},
                                      {8, 30, 31, 3}, {5, 130},        {40, 1000},      {7}};
  return all;
}

std::vector<Shape> images() {
  std::vector<Shape> result;
  for (const Shape& shape : shapes()) {
    if (shape.rank() == 4) result.push_back(shape);
  }
  return result;
}

Tensor like(const Tensor& tensor) { return Tensor(tensor.shape()); }
Tensor vector(std::int64_t c, std::uint64_t seed, double low = -1, double high = 1) {
  return random_tensor({c}, seed, low, high);
}

TEST(Native, Activations) {
  for (const ops::Activation& activation : all_activations()) {
    for (const Shape& shape : shapes()) {
      const Tensor x = random_tensor(shape, 1, -5, 5);
      const Tensor dy = random_tensor(shape, 2);
      const Case forward{
          .params = ops::ActivationForward{.activation = activation}, .inputs = {x}, .outputs = {like(x)}};
      expect_as_reference(native(), forward, 2e-6);
      const Tensor from = ops::derivative_from_output(activation) ? *run(reference(), forward)[0] : x;
      expect_as_reference(native(),
                          {.params = ops::ActivationBackward{.activation = activation},
                           .inputs = {from, dy},
                           .outputs = {like(x)}},
                          2e-6);
    }
  }
}

TEST(Native, ActivationsOfExtremeInputsEqualTheFormulas) {
  const std::vector<float> extremes{-1e30F, -200, -88.5F, -87, -1e-30F, 0, 1e-30F, 30, 87, 88.5F, 200};
  const Tensor x = Tensor::from({static_cast<std::int64_t>(extremes.size())}, extremes);
  for (const auto* name : {"relu", "relu6", "sigmoid", "silu", "hard_silu", "tanh"}) {
    expect_as_reference(native(),
                        {.params = ops::ActivationForward{.activation = ops::activation_from_name(name)},
                         .inputs = {x},
                         .outputs = {like(x)}},
                        1e-6);
  }
  const Tensor nan = Tensor::full({33}, std::numeric_limits<float>::quiet_NaN());
  for (const auto* name : {"relu", "relu6", "sigmoid", "silu", "hard_silu"}) {
    const auto y =
        run(native(), {.params = ops::ActivationForward{.activation = ops::activation_from_name(name)},
                       .inputs = {nan},
                       .outputs = {like(nan)}});
    for (const float value : y[0]->data()) EXPECT_TRUE(std::isnan(value)) << name;
  }
}

TEST(Native, AddScaleShiftDropoutSoftmax) {
  for (const Shape& shape : shapes()) {
    const std::int64_t c = shape[-1];
    const Tensor x = random_tensor(shape, 1, -3, 3);
    const Tensor other = random_tensor(shape, 2);
    for (const auto* name : {"linear", "relu", "silu"}) {
      const ops::Activation activation = ops::activation_from_name(name);
      expect_as_reference(native(),
                          {.params = ops::Binary{.kind = ops::BinaryKind::add, .activation = activation},
                           .inputs = {x, other},
                           .outputs = {like(x)}},
                          2e-6);
      expect_as_reference(native(),
                          {.params = ops::ScaleShift{.activation = activation},
                           .inputs = {x, vector(c, 3), vector(c, 4)},
                           .outputs = {like(x)}},
                          2e-6);
    }
    expect_as_reference(native(),
                        {.params = ops::ScaleShiftBackward{},
                         .inputs = {x, vector(c, 3), other},
                         .outputs = {like(x), Tensor(Shape{c}), Tensor(Shape{c})}},
                        5e-6);
    expect_as_reference(native(),
                        {.params = ops::ScaleShiftBackward{},
                         .inputs = {x, vector(c, 3), other},
                         .outputs = {std::nullopt, std::nullopt, Tensor(Shape{c})}},
                        5e-6);
    for (const float rate : {0.0F, 0.3F, 1.0F}) {
      expect_as_reference(
          native(), {.params = ops::Dropout{.rate = rate, .seed = 5}, .inputs = {x}, .outputs = {like(x)}},
          0);
    }
    const Case softmax{.params = ops::Softmax{}, .inputs = {x}, .outputs = {like(x)}};
    expect_as_reference(native(), softmax, 1e-6);
    expect_as_reference(native(),
                        {.params = ops::SoftmaxBackward{},
                         .inputs = {run(reference(), softmax)[0], other},
                         .outputs = {like(x)}},
                        2e-6);
  }
}

TEST(Native, BatchNormalization) {
  for (const Shape& shape : shapes()) {
    const std::int64_t c = shape[-1];
    for (const double offset : {0.0, 300.0}) {
      const Tensor x = random_tensor(shape, 1, offset - 2, offset + 3);
      const Case forward{.params = ops::BatchNormalizationTraining{},
                         .inputs = {x, vector(c, 2, 0.5, 2), vector(c, 3)},
                         .outputs = {like(x), Tensor(Shape{c}), Tensor(Shape{c})}};
      // A mean of 300 leaves 2^-15 of a unit to a float.
      expect_as_reference(native(), forward, offset == 0 ? 1e-5 : 3e-4);
      const auto y = run(reference(), forward);
      for (const bool with_dx : {true, false}) {
        expect_as_reference(native(),
                            {.params = ops::BatchNormalizationTrainingBackward{},
                             .inputs = {x, vector(c, 2, 0.5, 2), y[1], y[2], random_tensor(shape, 4)},
                             .outputs = {with_dx ? std::optional(like(x)) : std::nullopt, Tensor(Shape{c}),
                                         Tensor(Shape{c})}},
                            offset == 0 ? 2e-5 : 2e-3);
      }
    }
    expect_as_reference(native(),
                        {.params = ops::UpdateMovingStatistics{},
                         .inputs = {vector(c, 1), vector(c, 2)},
                         .outputs = {vector(c, 3), vector(c, 4)}},
                        1e-7);
  }
}

/// Smooth ones and those that only clip. (A reference in double may see a kink on its other side.)
const std::vector<std::string>& activations_behind_batch_normalization() {
  static const std::vector<std::string> all{"relu", "relu6", "swish", "tanh", "leaky_relu", "gelu"};
  return all;
}

TEST(Native, BatchNormalizationWithTheActivationAfterIt) {
  for (const Shape& shape : shapes()) {
    const std::int64_t c = shape[-1];
    const Tensor x = random_tensor(shape, 1, -2, 3);
    for (const std::string& name : activations_behind_batch_normalization()) {
      SCOPED_TRACE(name);
      const ops::Activation activation = ops::activation_from_name(name);
      const Case forward{.params = ops::BatchNormalizationTraining{.activation = activation},
                         .inputs = {x, vector(c, 2, 0.5, 4), vector(c, 3)},
                         .outputs = {like(x), Tensor(Shape{c}), Tensor(Shape{c})}};
      expect_as_reference(native(), forward, 1e-5);
      const auto y = run(reference(), forward);
      for (const bool with_dx : {true, false}) {
        expect_as_reference(
            native(),
            {.params = ops::BatchNormalizationTrainingBackward{.activation = activation},
             .inputs = {x, vector(c, 2, 0.5, 4), y[1], y[2], random_tensor(shape, 4), vector(c, 3)},
             .outputs = {with_dx ? std::optional(like(x)) : std::nullopt, Tensor(Shape{c}),
                         Tensor(Shape{c})}},
            5e-5);
      }
    }
  }
}

TEST(Native, BatchNormalizationOfChannelsThatAreFarFromZeroOrDoNotVary) {
  constexpr std::int64_t kRows = 1000;
  Tensor x(Shape{kRows, 3});
  for (std::int64_t r = 0; r < kRows; ++r) {
    float* row = x.data().data() + r * 3;
    row[0] = 1e4F + static_cast<float>(r % 2);  // mean 10000.5, variance 1/4
    row[1] = 300;                               // variance 0
    row[2] = r == 31 ? 1e3F : 0.0F;             // one that stands out: variance 999
  }
  const auto y = run(native(), {.params = ops::BatchNormalizationTraining{},
                                .inputs = {x, Tensor::full({3}, 1), Tensor({3})},
                                .outputs = {like(x), Tensor(Shape{3}), Tensor(Shape{3})}});
  EXPECT_FLOAT_EQ(y[1]->data()[0], 10000.5F);
  EXPECT_FLOAT_EQ(y[2]->data()[0], 0.25F);
  EXPECT_EQ(y[1]->data()[1], 300);
  EXPECT_NEAR(y[2]->data()[1], 0, 1e-9);
  EXPECT_FLOAT_EQ(y[1]->data()[2], 1);
  EXPECT_FLOAT_EQ(y[2]->data()[2], 999);
}

TEST(Native, BatchNormalizationWritesItsGradientOverXOrDy) {
  for (const char* name : {"relu6", "swish"}) {
    const Shape shape{4, 9, 9, 40};
    Case c{.params = ops::BatchNormalizationTrainingBackward{.activation = ops::activation_from_name(name)},
           .inputs = {random_tensor(shape, 1), vector(40, 2, 0.5, 2), vector(40, 3), vector(40, 4, 0.5, 2),
                      random_tensor(shape, 5), vector(40, 6)},
           .outputs = {Tensor(shape), Tensor(Shape{40}), Tensor(Shape{40})}};
    const auto expected = run(native(), c);
    for (const std::size_t over : {std::size_t{0}, std::size_t{4}}) {
      Case inside = c;
      inside.inputs[over] = c.inputs[over]->clone();
      std::vector<View> inputs;
      for (const auto& input : inside.inputs) inputs.push_back(view_of(*input));
      const std::vector<MutableView> outputs{view_of(*inside.inputs[over]), view_of(*inside.outputs[1]),
                                             view_of(*inside.outputs[2])};
      native().make(inside.spec())->run({}, inputs, outputs);
      EXPECT_TRUE(std::ranges::equal(inside.inputs[over]->data(), expected[0]->data())) << name << over;
    }
  }
}

TEST(Native, FoldingBatchNormalization) {
  for (const auto& [shape, f] : std::vector<std::pair<Shape, std::int64_t>>{
           {{3, 3, 16, 40}, 40}, {{3, 3, 7, 2}, 14}, {{1, 1, 320, 1280}, 1280}, {{3, 3, 3, 3}, 3}}) {
    for (const bool biased : {false, true}) {
      const auto bias = biased ? std::optional(vector(f, 2)) : std::nullopt;
      const Tensor variance = vector(f, 6, 0.5, 2);
      expect_as_reference(
          native(),
          {.params = ops::FoldBatchNormalization{},
           .inputs = {random_tensor(shape, 1), bias, vector(f, 3), vector(f, 4), vector(f, 5), variance},
           .outputs = {Tensor(shape), Tensor(Shape{f})}},
          2e-6);
      Case backward{.params = ops::FoldBatchNormalizationBackward{},
                    .inputs = {random_tensor(shape, 1), bias, vector(f, 3), vector(f, 5), variance,
                               random_tensor(shape, 7), vector(f, 8)},
                    .outputs = {Tensor(shape), biased ? std::optional(Tensor(Shape{f})) : std::nullopt,
                                Tensor(Shape{f}), Tensor(Shape{f})}};
      expect_as_reference(native(), backward, 5e-6);
      backward.outputs[0].reset();
      expect_as_reference(native(), backward, 5e-6);
      backward.outputs[2].reset();
      expect_as_reference(native(), backward, 5e-6);
    }
    expect_as_reference(native(),
                        {.params = ops::BatchNormalizationScaleShift{},
                         .inputs = {vector(f, 1), vector(f, 2), vector(f, 3), vector(f, 4, 0.5, 2)},
                         .outputs = {Tensor(Shape{f}), Tensor(Shape{f})}},
                        1e-6);
    expect_as_reference(native(),
                        {.params = ops::BatchNormalizationScaleShiftBackward{},
                         .inputs = {vector(f, 3), vector(f, 4, 0.5, 2), vector(f, 5), vector(f, 6)},
                         .outputs = {Tensor(Shape{f}), Tensor(Shape{f})}},
                        1e-6);
  }
}

TEST(Native, Pooling) {
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    ConvolutionCase c = random_convolution(seed);
    if (seed % 4 == 0) c.c = 150;
    c.f = c.c;
    // Few different values, so that windows have several largest ones.
    Tensor x = random_tensor(c.x(), seed, -3, 3);
    for (float& value : x.data()) value = std::round(value);
    const Tensor dy = random_tensor(c.y(), seed + 1);
    for (const auto kind : {ops::PoolKind::max, ops::PoolKind::average}) {
      const Case forward{.params = ops::Pool{kind, c.window}, .inputs = {x}, .outputs = {Tensor(c.y())}};
      expect_as_reference(native(), forward, 1e-6);
      const bool is_max = kind == ops::PoolKind::max;
      const auto y = run(reference(), forward)[0];
      expect_as_reference(
          native(),
          {.params = ops::PoolBackward{kind, c.window},
           .inputs = {is_max ? std::optional(x) : std::nullopt, is_max ? y : std::nullopt, dy},
           .outputs = {like(x)}},
          1e-6);
    }
  }
}

TEST(Native, GlobalPooling) {
  for (const Shape& shape : images()) {
    const Tensor x = random_tensor(shape, 1);
    const Shape pooled{shape[0], shape[3]};
    for (const auto kind : {ops::PoolKind::max, ops::PoolKind::average}) {
      const Case forward{.params = ops::GlobalPool{kind}, .inputs = {x}, .outputs = {Tensor(pooled)}};
      expect_as_reference(native(), forward, 1e-6);
      expect_as_reference(native(),
                          {.params = ops::GlobalPoolBackward{kind},
                           .inputs = {x, run(reference(), forward)[0], random_tensor(pooled, 2)},
                           .outputs = {like(x)}},
                          1e-6);
    }
  }
}

TEST(Native, PaddingJoiningAndSlicing) {
  for (const Shape& shape : images()) {
    const Tensor x = random_tensor(shape, 1);
    const Shape padded{shape[0], shape[1] + 3, shape[2] + 3, shape[3]};
    expect_as_reference(native(),
                        {.params = ops::Pad{1, 2, 0, 3}, .inputs = {x}, .outputs = {Tensor(padded)}}, 0);
    expect_as_reference(
        native(),
        {.params = ops::Crop{1, 2, 0, 3}, .inputs = {random_tensor(padded, 2)}, .outputs = {like(x)}}, 0);
    for (const int axis : {0, 1, 2, 3}) {
      Shape wider = shape;
      wider.set(axis, shape[axis] + 2);
      Shape joined = shape;
      joined.set(axis, 3 * shape[axis] + 2);
      const Tensor whole = random_tensor(joined, 3);
      expect_as_reference(native(),
                          {.params = ops::Concatenate{axis},
                           .inputs = {x, random_tensor(wider, 2), x},
                           .outputs = {Tensor(joined)}},
                          0);
      expect_as_reference(
          native(), {.params = ops::Slice{axis, shape[axis]}, .inputs = {whole}, .outputs = {Tensor(wider)}},
          0);
    }
  }
}

TEST(Native, KernelGradientOfDepthwiseConvolutions) {
  std::size_t tried = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    ConvolutionCase c = random_convolution(seed);
    c.c = c.f = c.groups = seed % 2 == 0 ? 48 : 16;
    const Case gradient{
        .params = ops::ConvolutionBackwardKernel{.window = c.window, .groups = c.groups},
        .inputs = {random_tensor(c.x(), seed), random_tensor(c.y(), seed + 1)},
        .outputs = {Tensor(c.kernel()), seed % 3 == 0 ? std::nullopt : std::optional(Tensor(Shape{c.f}))}};
    if (!native().make(gradient.spec())) continue;
    ++tried;
    expect_as_reference(native(), gradient, 1e-5);
  }
  EXPECT_GT(tried, 100U);
}

TEST(Native, ResultsAreBitEqualFromRunToRun) {
  const Tensor x = random_tensor({8, 40, 40, 33}, 1);
  const Case c{.params = ops::BatchNormalizationTraining{},
               .inputs = {x, vector(33, 2), vector(33, 3)},
               .outputs = {like(x), Tensor(Shape{33}), Tensor(Shape{33})}};
  const auto kernel = native().make(c.spec());
  const auto first = run(*kernel, c);
  for (int repeat = 0; repeat < 5; ++repeat) {
    const auto again = run(*kernel, c);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(std::ranges::equal(first[i]->data(), again[i]->data()));
  }
}

TEST(Native, WritesOverAnInput) {
  Tensor x = random_tensor({3, 8, 8, 24}, 1, -3, 3);
  const Case c{
      .params = ops::Binary{.kind = ops::BinaryKind::add, .activation = ops::activation_from_name("relu6")},
      .inputs = {x.clone(), random_tensor(x.shape(), 2)},
      .outputs = {like(x)}};
  const auto expected = run(reference(), c);
  const auto kernel = native().make(c.spec());
  const std::vector<View> inputs{view_of(x), view_of(*c.inputs[1])};
  const std::vector<MutableView> outputs{view_of(x)};
  kernel->run({}, inputs, outputs);
  for (std::size_t i = 0; i < x.data().size(); ++i) ASSERT_NEAR(x.data()[i], expected[0]->data()[i], 1e-6);
}

}  // namespace
}  // namespace graft::kernels::test
