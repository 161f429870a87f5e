// SPDX-License-Identifier: Apache-2.0
// Layers and models called on tensors.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "graft/extend/layer.hpp"
#include "graft/layers.hpp"
#include "graft/model.hpp"

#include "support.hpp"

namespace graft {
namespace {

Tensor ramp(const Shape& shape) {
  Tensor tensor(shape);
  for (std::size_t i = 0; i < tensor.data().size(); ++i) tensor.data()[i] = static_cast<float>(i);
  return tensor;
}

bool equal(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::ranges::equal(a.data(), b.data());
}

TEST(CallLayer, ComputesItsOutput) {
  const Layer rescaling = layers::Rescaling({.scale = {2}, .offset = {1}});
  const Tensor y = rescaling(ramp({2, 3}));
  EXPECT_EQ(y.shape(), (Shape{2, 3}));
  EXPECT_EQ(y.at(1, 2), 11);
  EXPECT_EQ(layers::Flatten()(ramp({2, 3, 4, 5})).shape(), (Shape{2, 60}));
}

TEST(CallLayer, CreatesTheWeightsAtTheFirstCall) {
  const Layer dense = layers::Dense({.units = 2, .kernel_initializer = "ones"});
  const Tensor y = dense(ramp({1, 3}));
  EXPECT_EQ(y.at(0, 0), 3);
  EXPECT_EQ(dense.count_params(), 8);
  EXPECT_TRUE(equal(dense(ramp({1, 3})), y));
  EXPECT_THROW((void)dense(ramp({1, 4})), Error);
}

TEST(CallLayer, LeavesNoTraceInTheGraph) {
  clear_session();
  const Layer dense = layers::Dense({.units = 2});
  (void)dense(ramp({1, 3}));
  const SymbolicTensor input = Input({3});
  EXPECT_EQ(input.layer->name(), "input_layer");
  const SymbolicTensor output = dense(input);
  EXPECT_EQ(output.node, 0);
  EXPECT_EQ(Model(input, output).layers().size(), 2U);
  EXPECT_THROW((void)dense(ramp({1, 4})), Error);
  EXPECT_EQ(dense(input).node, 1);
}

TEST(CallLayer, RandomLayersActOnlyInTrainingAndDrawAnew) {
  const Tensor photos = ramp({4, 8, 8, 3});
  const auto draws = [&] {
    const Layer flip = layers::RandomRotation({.factor = 0.5, .name = "turn"});
    EXPECT_TRUE(equal(flip(photos), photos));
    return std::vector<Tensor>{flip(photos, {.training = true}), flip(photos, {.training = true})};
  };
  const std::vector<Tensor> first = draws();
  EXPECT_FALSE(equal(first[0], photos));
  EXPECT_FALSE(equal(first[0], first[1]));
  const std::vector<Tensor> again = draws();  // a new layer of the same name and seed: the same numbers
  EXPECT_TRUE(equal(first[0], again[0]));
  EXPECT_TRUE(equal(first[1], again[1]));
}

TEST(CallLayer, AModelIsALayer) {
  const Model model = Sequential(
      {layers::InputLayer({.shape = {8, 8, 3}}), layers::RandomFlip(), layers::GlobalAveragePooling2D()});
  const Tensor photos = ramp({2, 8, 8, 3});
  const Tensor y = model(photos);
  EXPECT_EQ(y.shape(), (Shape{2, 3}));
  EXPECT_NEAR(y.at(0, 0), 94.5, 1e-3);
  EXPECT_THROW((void)model(ramp({2, 4, 4, 3})), Error);
}

TEST(CallLayer, BatchNormalizationUsesTheBatchInTraining) {
  const Layer norm = layers::BatchNormalization();
  const Tensor x = ramp({4, 1});
  EXPECT_NEAR(norm(x).at(3, 0), 3, 0.01);  // moving mean 0, variance 1
  EXPECT_NEAR(norm(x, {.training = true}).at(3, 0), 1.5 / std::sqrt(1.25), 0.01);
  EXPECT_NEAR(norm.weights()[2]->value().data()[0], 0.01 * 1.5, 1e-5);  // it has moved
}

TEST(CallLayer, AnEmptyHandleAndAnEmptyBatchAreRefused) {
  EXPECT_THROW((void)Layer()(ramp({1, 3})), Error);
  EXPECT_THROW((void)layers::Flatten()(Tensor()), Error);
}

}  // namespace
}  // namespace graft
