// SPDX-License-Identifier: Apache-2.0
// Gradients of whole models against differences of the loss sum(output * coefficients).
#include <cmath>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/layers/operation.hpp"

#include "small_models.hpp"

namespace graft::plan {
namespace {

using test::random_tensor;

class Differences {
 public:
  Differences(const Model& model, const Shape& input)
      : model_(model),
        plan_(Plan::lower(model, {.mode = Mode::training, .batch_size = input[0]})),
        input_(random_tensor(input, "input")) {
    plan_.forward(input_, 1, 2);
    coefficients_ = random_tensor(plan_.output().shape(), "coefficients");
  }

  void expect_gradients_agree() {
    plan_.forward(input_, 1, 2);
    plan_.backward(coefficients_);
    ASSERT_EQ(plan_.gradients().size(), model_.trainable_weights().size());
    std::vector<Tensor> gradients;
    for (const Gradient& gradient : plan_.gradients()) gradients.push_back(gradient.value.clone());
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      SCOPED_TRACE(plan_.gradients()[i].variable->path());
      expect_direction(*plan_.gradients()[i].variable, gradients[i]);
    }
  }

 private:
  double loss() {
    plan_.forward(input_, 1, 2);
    const Tensor output = plan_.output();
    double sum = 0;
    for (std::size_t i = 0; i < output.data().size(); ++i)
      sum += static_cast<double>(output.data()[i]) * coefficients_.data()[i];
    return sum;
  }

  void expect_direction(Variable& variable, const Tensor& gradient) {
    const Tensor direction = random_tensor(variable.shape(), variable.path() + "/direction");
    const Tensor start = variable.value().clone();
    double expected = 0;
    double size = 0;
    for (std::size_t i = 0; i < direction.data().size(); ++i) {
      expected += static_cast<double>(gradient.data()[i]) * direction.data()[i];
      size += std::abs(static_cast<double>(gradient.data()[i]) * direction.data()[i]);
    }
    constexpr double kStep = 2e-3;
    const auto at = [&](double step) {
      Tensor& value = variable.mutable_value();
      for (std::size_t i = 0; i < start.data().size(); ++i)
        value.data()[i] = static_cast<float>(start.data()[i] + step * direction.data()[i]);
      return loss();
    };
    const double difference = (at(kStep) - at(-kStep)) / (2 * kStep);
    variable.assign(start);
    EXPECT_NEAR(expected, difference, 0.01 * size + 2e-3);
    // A bias before BatchNormalization in training mode has no effect; any other gradient of zero shows
    // nothing.
    if (variable.path() != "dw/bias") {
      EXPECT_GT(size, 1e-5);
    }
  }

  Model model_;
  Plan plan_;
  Tensor input_;
  Tensor coefficients_;
};

void expect_gradients(const Model& model, const Shape& input) {
  test::fill_weights(model);
  Differences(model, input).expect_gradients_agree();
}

TEST(PlanGradients, BatchNormalizationInTrainingModeWithResidualAndDepthwise) {
  expect_gradients(test::residual_model(), {3, 8, 8, 3});
  expect_gradients(test::residual_model("swish"), {3, 8, 8, 3});
}

TEST(PlanGradients, FoldedBatchNormalizationTrainsItsGammaAndBeta) {
  const Model base = test::residual_model();
  const SymbolicTensor input = Input({8, 8, 3}, "outer");
  const Model model(input, base(input, {.training = false}));
  test::fill_weights(model);
  const Plan plan = Plan::lower(model, {.mode = Mode::training, .batch_size = 2});
  EXPECT_GE(test::count_ops(plan, "FoldBatchNormalizationBackward"), 1U);
  EXPECT_EQ(test::count_ops(plan, "BatchNormalizationTraining"), 0U);
  expect_gradients(model, {2, 8, 8, 3});
}

TEST(PlanGradients, ConcatenationAndEveryPooling) {
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  const SymbolicTensor x =
      layers::Conv2D({.filters = 4, .kernel_size = 3, .activation = "tanh", .name = "c"})(input);
  const SymbolicTensor a = layers::MaxPooling2D({.pool_size = 2})(x);
  const SymbolicTensor b =
      layers::AveragePooling2D({.pool_size = 3, .strides = 2, .padding = Padding::same})(x);
  const SymbolicTensor joined = layers::Concatenate()(std::vector{a, b, a});
  const SymbolicTensor mean = layers::GlobalAveragePooling2D()(joined);
  const SymbolicTensor most = layers::GlobalMaxPooling2D()(joined);
  const SymbolicTensor both = layers::Concatenate()(std::vector{mean, most});
  expect_gradients({input, layers::Dense({.units = 2, .name = "d"})(both)}, {2, 8, 8, 3});
}

TEST(PlanGradients, MergingLayersWithBroadcasting) {
  const SymbolicTensor input = Input({6, 6, 3}, "image");
  const auto conv = [&](const char* name, std::int64_t filters) {
    return layers::Conv2D(
        {.filters = filters, .kernel_size = 3, .padding = Padding::same, .activation = "tanh", .name = name});
  };
  const SymbolicTensor x = conv("x", 4)(input);
  const SymbolicTensor y = conv("y", 4)(input);
  const SymbolicTensor gate = layers::Dense({.units = 4, .activation = "sigmoid", .name = "gate"})(
      layers::GlobalAveragePooling2D({.keepdims = true})(x));
  const SymbolicTensor flat = layers::GlobalMaxPooling2D()(y);
  SymbolicTensor z = layers::Multiply()({x, gate});
  z = layers::Add()({z, flat});
  z = layers::Subtract()({z, y});
  z = layers::Average()({z, y, gate});
  z = layers::CustomScaleLayer(0.3)({z, layers::Maximum()({x, y})});
  z = layers::Add()({z, layers::Minimum()({x, gate})});
  z = layers::Cropping2D({.top = 1, .right = 2})(z);
  z = layers::Flatten()(layers::Permute({.dims = {3, 1, 2}})(z));
  expect_gradients({input, layers::Dense({.units = 2, .name = "d"})(z)}, {3, 6, 6, 3});
}

TEST(PlanGradients, SeparableConvolutionAndNormalisations) {
  const SymbolicTensor input = Input({6, 6, 3}, "image");
  SymbolicTensor x = layers::SeparableConv2D({.filters = 6,
                                              .kernel_size = 3,
                                              .strides = 2,
                                              .depth_multiplier = 2,
                                              .activation = "gelu",
                                              .name = "s"})(input);
  x = layers::LayerNormalization({.name = "last"})(x);
  x = layers::LayerNormalization({.axis = {1, 2, 3}, .name = "all"})(x);
  x = layers::LayerScale({.init_values = 1, .projection_dim = 6, .name = "scale"})(x);
  x = layers::StochasticDepth({.drop_path_rate = 0.3, .name = "drop"})(x);
  x = layers::SpatialDropout2D({.rate = 0.2, .name = "channels"})(x);
  x = layers::Activation("mish", "mish")(x);
  expect_gradients({input, layers::Dense({.units = 2, .name = "d"})(layers::Flatten()(x))}, {4, 6, 6, 3});
}

TEST(PlanGradients, TransposedConvolutionUpSamplingAndLearntSlopes) {
  const SymbolicTensor input = Input({5, 4, 3}, "image");
  SymbolicTensor x =
      layers::Conv2D({.filters = 4, .kernel_size = 3, .padding = Padding::same, .name = "c"})(input);
  x = layers::PReLU({.alpha_initializer = "ones", .shared_axes = {1, 2}, .name = "channels"})(x);
  x = layers::Conv2DTranspose(
      {.filters = 3, .kernel_size = 3, .strides = 2, .padding = Padding::same, .name = "t"})(x);
  x = layers::GroupNormalization({.groups = 1, .name = "groups"})(x);
  x = layers::ELU({.alpha = 0.5, .name = "elu"})(x);
  x = layers::GaussianNoise({.stddev = 0.1, .name = "noise"})(x);
  const SymbolicTensor nearest = layers::UpSampling2D({.size = 2})(x);
  const SymbolicTensor between = layers::UpSampling2D({.size = 2, .interpolation = "bilinear"})(x);
  x = layers::CenterCrop({.height = 7, .width = 6})(layers::Multiply()({nearest, between}));
  x = layers::PReLU({.alpha_initializer = "ones", .name = "each"})(x);
  expect_gradients({input, layers::Dense({.units = 2, .name = "d"})(layers::Flatten()(x))}, {2, 5, 4, 3});
}

TEST(PlanGradients, DropoutWithTheSameSeedAndStep) {
  const SymbolicTensor input = Input({5}, "x");
  SymbolicTensor x = layers::Dense({.units = 16, .activation = "relu", .name = "a"})(input);
  x = layers::Dropout({.rate = 0.4, .name = "drop"})(x);
  expect_gradients({input, layers::Dense({.units = 2, .name = "b"})(x)}, {4, 5});
}

TEST(PlanGradients, DenseOnRankFourAndALayerCalledTwice) {
  const SymbolicTensor input = Input({3, 3, 4}, "x");
  const Layer shared = layers::Dense({.units = 4, .activation = "tanh", .name = "shared"});
  const Layer other = layers::Dense({.units = 4, .activation = "tanh", .name = "other"});
  SymbolicTensor x = layers::Add()({shared(input), shared(other(input))});
  x = layers::Flatten()(x);
  expect_gradients({input, layers::Dense({.units = 2, .name = "b"})(x)}, {2, 3, 3, 4});
}

/// An operation of keras.ops on two tensors.
Layer operation_of_two(const char* class_name, const char* name) {
  return Layer(std::make_shared<layers::Operation>(
      class_name,
      layers::OperationCall{
          .settings = Json::object(),
          .arguments = Json::array({layers::tensor_placeholder(0), layers::tensor_placeholder(1)}),
          .keywords = Json::object()},
      name));
}

/// a b of two computed values, either one transposed by a layer before.
Model product_model(bool turn_a, bool turn_b) {
  const SymbolicTensor input = Input({6, 4}, "x");
  const auto part = [&](const char* name, bool turn) {
    const SymbolicTensor y = layers::Dense({.units = 6, .activation = "tanh", .name = name})(input);
    return turn ? layers::Permute({.dims = {2, 1}})(y) : y;
  };
  const Layer product = operation_of_two("Matmul", "product");
  const SymbolicTensor weights = layers::Softmax()(product({part("a", turn_a), part("b", turn_b)}));
  return {input, layers::Dense({.units = 2, .name = "last"})(layers::Flatten()(weights))};
}

TEST(PlanGradients, ProductsOfTwoValues) {
  for (const bool turn_a : {false, true}) {
    for (const bool turn_b : {false, true}) expect_gradients(product_model(turn_a, turn_b), {3, 6, 4});
  }
}

/// a / b, b from 1 to 2 and one number for each row.
TEST(PlanGradients, DivisionsOfTwoValues) {
  const SymbolicTensor input = Input({6, 4}, "x");
  const SymbolicTensor a = layers::Dense({.units = 3, .activation = "tanh", .name = "a"})(input);
  const SymbolicTensor b = layers::Dense({.units = 1, .activation = "sigmoid", .name = "b"})(input) + 1.0;
  const SymbolicTensor y = operation_of_two("TrueDivide", "quotient")(std::vector{a, b});
  expect_gradients({input, layers::Dense({.units = 2, .name = "last"})(layers::Flatten()(y))}, {3, 6, 4});
}

TEST(PlanGradients, AProductReadsATransposedValueAsItLies) {
  const Plan plan = Plan::lower(product_model(false, true), {.mode = Mode::inference, .batch_size = 2});
  EXPECT_EQ(test::count_ops(plan, "MatMul"), 1U);
  EXPECT_EQ(test::count_ops(plan, "Permute"), 0U);
}

}  // namespace
}  // namespace graft::plan
