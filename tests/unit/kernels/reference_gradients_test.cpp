// SPDX-License-Identifier: Apache-2.0
// Every backward formula is checked against its forward formula by central differences.
#include <gtest/gtest.h>

#include "cases.hpp"

namespace graft::kernels::test {
namespace {

Tensor result(const Case& c, std::size_t output = 0) { return *run(reference(), c)[output]; }

TEST(ReferenceGradients, Convolution) {
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const ConvolutionCase c = random_convolution(seed);
    const Tensor x = random_tensor(c.x(), seed);
    const Tensor kernel = random_tensor(c.kernel(), seed + 1);
    const Tensor dy = random_tensor(c.y(), seed + 2);
    const Case forward{.params = ops::Convolution{.window = c.window, .groups = c.groups},
                       .inputs = {x, kernel, random_tensor({c.f}, seed), random_tensor(c.y(), seed + 3)},
                       .outputs = {Tensor(c.y())}};
    const Case by_input{.params = ops::ConvolutionBackwardInput{.window = c.window, .groups = c.groups},
                        .inputs = {dy, kernel},
                        .outputs = {Tensor(c.x())}};
    const Case by_kernel{.params = ops::ConvolutionBackwardKernel{.window = c.window, .groups = c.groups},
                         .inputs = {x, dy},
                         .outputs = {Tensor(c.kernel()), Tensor(Shape{c.f})}};
    expect_gradient(forward, dy, result(by_input), {.at = 0, .step = 0.5});
    expect_gradient(forward, dy, result(by_kernel, 0), {.at = 1, .step = 0.5});
    expect_gradient(forward, dy, result(by_kernel, 1), {.at = 2, .step = 0.5});
    expect_gradient(forward, dy, dy, {.at = 3, .step = 0.5});
  }
}

TEST(ReferenceGradients, Dense) {
  const Tensor x = random_tensor({5, 7}, 1);
  const Tensor kernel = random_tensor({7, 4}, 2);
  const Tensor dy = random_tensor({5, 4}, 3);
  const Case forward{
      .params = ops::Dense{}, .inputs = {x, kernel, random_tensor({4}, 4)}, .outputs = {Tensor(Shape{5, 4})}};
  const Case by_input{
      .params = ops::DenseBackwardInput{}, .inputs = {dy, kernel}, .outputs = {Tensor(Shape{5, 7})}};
  const Case by_kernel{.params = ops::DenseBackwardKernel{},
                       .inputs = {x, dy},
                       .outputs = {Tensor(Shape{7, 4}), Tensor(Shape{4})}};
  expect_gradient(forward, dy, result(by_input), {.at = 0});
  expect_gradient(forward, dy, result(by_kernel, 0), {.at = 1});
  expect_gradient(forward, dy, result(by_kernel, 1), {.at = 2});
}

TEST(ReferenceGradients, ActivationsFromInputOrOutput) {
  for (const ops::Activation& activation : all_activations()) {
    // Away from the kinks at 0, 0.25, 0.6, 0.7 and 3, where a difference quotient is meaningless.
    const Tensor x = Tensor::from({12}, std::vector<float>{-4.2F, -2.5F, -1.3F, -0.4F, -0.2F, 0.1F, 0.2F,
                                                           0.4F, 0.47F, 0.9F, 1.7F, 4.1F});
    const Tensor dy = random_tensor({12}, 5);
    const Case forward{.params = ops::ActivationForward{.activation = activation},
                       .inputs = {x},
                       .outputs = {Tensor(Shape{12})}};
    const Tensor from = ops::derivative_from_output(activation) ? result(forward) : x;
    const Case backward{.params = ops::ActivationBackward{.activation = activation},
                        .inputs = {from, dy},
                        .outputs = {Tensor(Shape{12})}};
    expect_gradient(forward, dy, result(backward), {});
  }
}

TEST(ReferenceGradients, Softmax) {
  const Tensor x = random_tensor({4, 6}, 1, -2, 2);
  const Tensor dy = random_tensor({4, 6}, 2);
  const Case forward{.params = ops::Softmax{}, .inputs = {x}, .outputs = {Tensor(Shape{4, 6})}};
  const Case backward{
      .params = ops::SoftmaxBackward{}, .inputs = {result(forward), dy}, .outputs = {Tensor(Shape{4, 6})}};
  expect_gradient(forward, dy, result(backward), {});
}

TEST(ReferenceGradients, ScaleShift) {
  const Shape shape{2, 3, 3, 5};
  const Tensor x = random_tensor(shape, 1);
  const Tensor scale = random_tensor({5}, 2);
  const Tensor dy = random_tensor(shape, 3);
  const Case forward{
      .params = ops::ScaleShift{}, .inputs = {x, scale, random_tensor({5}, 4)}, .outputs = {Tensor(shape)}};
  const Case backward{.params = ops::ScaleShiftBackward{},
                      .inputs = {x, scale, dy},
                      .outputs = {Tensor(shape), Tensor(Shape{5}), Tensor(Shape{5})}};
  for (std::size_t i = 0; i < 3; ++i) expect_gradient(forward, dy, result(backward, i), {.at = i});
}

TEST(ReferenceGradients, BatchNormalizationTraining) {
  const Shape shape{3, 4, 4, 5};
  const Tensor x = random_tensor(shape, 1, -2, 3);
  const Tensor gamma = random_tensor({5}, 2, 0.5, 2);
  const Tensor beta = random_tensor({5}, 4);
  const Tensor dy = random_tensor(shape, 3);
  for (const char* name : {"linear", "swish", "sigmoid"}) {
    const ops::Activation activation = ops::activation_from_name(name);
    const Case forward{.params = ops::BatchNormalizationTraining{.activation = activation},
                       .inputs = {x, gamma, beta},
                       .outputs = {Tensor(shape), Tensor(Shape{5}), Tensor(Shape{5})}};
    const Case backward{.params = ops::BatchNormalizationTrainingBackward{.activation = activation},
                        .inputs = {x, gamma, result(forward, 1), result(forward, 2), dy, beta},
                        .outputs = {Tensor(shape), Tensor(Shape{5}), Tensor(Shape{5})}};
    for (std::size_t i = 0; i < 3; ++i) expect_gradient(forward, dy, result(backward, i), {.at = i});
  }
}

TEST(ReferenceGradients, FoldBatchNormalization) {
  const Shape shape{3, 3, 2, 5};
  std::vector<std::optional<Tensor>> inputs{random_tensor(shape, 1), random_tensor({5}, 2)};
  for (std::uint64_t i = 3; i < 6; ++i) inputs.emplace_back(random_tensor({5}, i));
  inputs.emplace_back(random_tensor({5}, 6, 0.5, 2));
  const Case forward{.params = ops::FoldBatchNormalization{},
                     .inputs = inputs,
                     .outputs = {Tensor(shape), Tensor(Shape{5})}};
  const Tensor dkernel = random_tensor(shape, 7);
  const Tensor dbias = random_tensor({5}, 8);
  const auto gradients = [&](const Tensor& by_kernel, const Tensor& by_bias) {
    return run(reference(),
               {.params = ops::FoldBatchNormalizationBackward{},
                .inputs = {inputs[0], inputs[1], inputs[2], inputs[4], inputs[5], by_kernel, by_bias},
                .outputs = {Tensor(shape), Tensor(Shape{5}), Tensor(Shape{5}), Tensor(Shape{5})}});
  };
  // The two outputs one after the other: the other's gradient is zero.
  const auto of_kernel = gradients(dkernel, Tensor(Shape{5}));
  const auto of_bias = gradients(Tensor(shape), dbias);
  for (std::size_t i = 0; i < 4; ++i) {
    expect_gradient(forward, dkernel, *of_kernel[i], {.at = i, .output = 0});
    expect_gradient(forward, dbias, *of_bias[i], {.at = i, .output = 1});
  }
}

TEST(ReferenceGradients, BatchNormalizationScaleShift) {
  std::vector<std::optional<Tensor>> inputs;
  for (std::uint64_t i = 0; i < 4; ++i) inputs.emplace_back(random_tensor({5}, i, 0.5, 2));
  const Case forward{.params = ops::BatchNormalizationScaleShift{},
                     .inputs = inputs,
                     .outputs = {Tensor(Shape{5}), Tensor(Shape{5})}};
  for (std::size_t output = 0; output < 2; ++output) {
    const Tensor d = random_tensor({5}, 9);
    const Tensor zero(Shape{5});
    const auto gradients =
        run(reference(), {.params = ops::BatchNormalizationScaleShiftBackward{},
                          .inputs = {inputs[2], inputs[3], output == 0 ? d : zero, output == 1 ? d : zero},
                          .outputs = {Tensor(Shape{5}), Tensor(Shape{5})}});
    for (std::size_t i = 0; i < 2; ++i)
      expect_gradient(forward, d, *gradients[i], {.at = i, .output = output});
  }
}

TEST(ReferenceGradients, Pooling) {
  const ops::Window window{.height = 3, .width = 2, .stride_height = 2, .pad_top = 1, .pad_right = 1};
  const Shape shape{2, 7, 5, 3};
  const Shape pooled{2, ops::window_output(7, 1, 3, 2, 1), ops::window_output(5, 1, 2, 1, 1), 3};
  const Tensor x = random_tensor(shape, 1);
  for (const auto kind : {ops::PoolKind::max, ops::PoolKind::average}) {
    const GradientCheck check{.step = kind == ops::PoolKind::max ? 1e-4 : 1e-2, .tolerance = 1e-2};
    const Tensor dy = random_tensor(pooled, 2);
    const Case forward{.params = ops::Pool{kind, window}, .inputs = {x}, .outputs = {Tensor(pooled)}};
    const Case backward{.params = ops::PoolBackward{kind, window},
                        .inputs = {x, result(forward), dy},
                        .outputs = {Tensor(shape)}};
    expect_gradient(forward, dy, result(backward), check);
    const Tensor global_dy = random_tensor({2, 3}, 3);
    const Case global{.params = ops::GlobalPool{kind}, .inputs = {x}, .outputs = {Tensor(Shape{2, 3})}};
    const Case global_backward{.params = ops::GlobalPoolBackward{kind},
                               .inputs = {x, result(global), global_dy},
                               .outputs = {Tensor(shape)}};
    expect_gradient(global, global_dy, result(global_backward), check);
  }
}

TEST(ReferenceGradients, PaddingAndJoining) {
  const Tensor x = random_tensor({2, 3, 4, 2}, 1);
  const Shape padded{2, 6, 5, 2};
  const Tensor dy = random_tensor(padded, 2);
  const Case forward{.params = ops::Pad{1, 2, 0, 1}, .inputs = {x}, .outputs = {Tensor(padded)}};
  const Case backward{
      .params = ops::Crop{1, 2, 0, 1}, .inputs = {dy}, .outputs = {Tensor(Shape{2, 3, 4, 2})}};
  expect_gradient(forward, dy, result(backward), {});

  const Tensor other = random_tensor({2, 3, 4, 5}, 3);
  const Tensor joined_dy = random_tensor({2, 3, 4, 7}, 4);
  const Case join{.params = ops::Concatenate{}, .inputs = {x, other}, .outputs = {Tensor(Shape{2, 3, 4, 7})}};
  const Case first{.params = ops::Slice{}, .inputs = {joined_dy}, .outputs = {Tensor(Shape{2, 3, 4, 2})}};
  const Case second{
      .params = ops::Slice{.begin = 2}, .inputs = {joined_dy}, .outputs = {Tensor(other.shape())}};
  expect_gradient(join, joined_dy, result(first), {.at = 0});
  expect_gradient(join, joined_dy, result(second), {.at = 1});
}

TEST(ReferenceGradients, DropoutIsItsOwnBackwardPass) {
  const Tensor x = random_tensor({100}, 1);
  const Tensor dy = random_tensor({100}, 2);
  const Case forward{.params = ops::Dropout{.rate = 0.4F}, .inputs = {x}, .outputs = {Tensor(Shape{100})}};
  const Case backward{.params = ops::Dropout{.rate = 0.4F}, .inputs = {dy}, .outputs = {Tensor(Shape{100})}};
  expect_gradient(forward, dy, result(backward), {});
}

TEST(MaxPooling, AddsTheGradientToTheFirstLargest) {
  const Tensor x = Tensor::from({1, 2, 2, 1}, std::vector<float>{1, 3, 3, 3});
  for (const Backend* backend : {&reference(), &native()}) {
    const auto dx =
        run(*backend, {.params = ops::PoolBackward{.window = {.height = 2, .width = 2}},
                       .inputs = {x, Tensor::full({1, 1, 1, 1}, 3), Tensor::full({1, 1, 1, 1}, 5)},
                       .outputs = {Tensor(x.shape())}});
    EXPECT_EQ(dx[0]->data()[1], 5);
    EXPECT_EQ(dx[0]->data()[0] + dx[0]->data()[2] + dx[0]->data()[3], 0);
  }
}

}  // namespace
}  // namespace graft::kernels::test
