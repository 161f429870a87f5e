// SPDX-License-Identifier: Apache-2.0
#include "graft/model.hpp"

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/error.hpp"
#include "graft/layers.hpp"

namespace graft {
namespace {

std::vector<std::string> names(const Model& model) {
  std::vector<std::string> result;
  for (const Layer& layer : model.layers()) result.push_back(layer.name());
  return result;
}

Layer dense(const std::string& name, std::int64_t units = 4) {
  return layers::Dense({.units = units, .name = name});
}

/// Keras's order, as keras.Model(...).layers gives it for the same graph.
TEST(Model, BranchesAreOrderedByDepth) {
  const SymbolicTensor input = Input({4}, "in");
  const SymbolicTensor a = dense("a2")(dense("a1")(input));
  const SymbolicTensor b = dense("b1")(input);
  const SymbolicTensor sum = layers::Add("sum")(std::vector{b, a});
  const Model model(input, sum);
  EXPECT_EQ(names(model), (std::vector<std::string>{"in", "a1", "b1", "a2", "sum"}));
  EXPECT_EQ(model.get_layer(0).name(), "in");
  EXPECT_EQ(model.get_layer(-1).name(), "sum");
}

TEST(Model, ErrorsNameTheCause) {
  const SymbolicTensor input = Input({4}, "in");
  const SymbolicTensor other = Input({4}, "other");
  EXPECT_THROW(Model(input, dense("x")(dense("x")(input))), Error);
  EXPECT_THROW(Model(input, layers::Add()(std::vector{input, other})), Error);
  const Model model(input, dense("block_1_expand")(input));
  EXPECT_THROW((void)model.get_layer(2), Error);
  EXPECT_THROW((void)model.get_layer(-3), Error);
  try {
    (void)model.get_layer("expand");
    ADD_FAILURE() << "found a layer that is not there";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
    EXPECT_NE(std::string(error.what()).find("block_1_expand"), std::string::npos) << error.what();
  }
  EXPECT_THROW((void)Model().layers(), Error);
}

TEST(Model, TrainableReachesNestedLayers) {
  const SymbolicTensor inner = Input({4}, "inner");
  Model base(inner, dense("b")(dense("a")(inner)), "base");
  const SymbolicTensor input = Input({4}, "in");
  const Model model(input, dense("head")(base(input)));
  EXPECT_EQ(model.trainable_weights().size(), 6U);
  base.set_trainable(false);
  EXPECT_EQ(model.trainable_weights().size(), 2U);
  EXPECT_EQ(model.non_trainable_weights().size(), 4U);
  EXPECT_FALSE(base.get_layer("a").trainable());
  base.set_trainable(true);
  base.get_layer("a").set_trainable(false);
  EXPECT_EQ(model.trainable_weights().size(), 4U);
  EXPECT_EQ(model.count_params(), 60);
}

TEST(Model, ASharedLayerHasItsWeightsOnce) {
  const SymbolicTensor input = Input({4}, "in");
  const Layer shared = dense("shared");
  const Model model(input, layers::Add("sum")({shared(input), shared(input)}));
  EXPECT_EQ(names(model), (std::vector<std::string>{"in", "shared", "sum"}));
  EXPECT_EQ(model.weights().size(), 2U);
  EXPECT_EQ(model.count_params(), 20);
}

TEST(Model, ASubModelBeginsAtAnIntermediateTensor) {
  const Model base =
      applications::MobileNetV2({.input_shape = {64, 64, 3}, .include_top = false, .weights = "none"});
  const SymbolicTensor middle = base.get_layer("block_12_add").output();
  const Model top(middle, base.outputs()[0]);
  const Model bottom(base.inputs()[0], middle);
  EXPECT_EQ(top.input_shape(), middle.shape);
  EXPECT_EQ(top.output_shape(), base.output_shape());
  EXPECT_EQ(top.get_layer(-1).name(), "out_relu");
  EXPECT_EQ(top.weights().size() + bottom.weights().size(), base.weights().size());
}

TEST(Model, SequentialNeedsAnInput) {
  EXPECT_THROW((void)Sequential({dense("a")}), Error);
  const Model model = Sequential({layers::InputLayer({.shape = {3}}), dense("a"), dense("b", 2)});
  EXPECT_EQ(model.output_shape(), (Shape{-1, 2}));
  EXPECT_EQ(model.class_name(), "Sequential");
}

}  // namespace
}  // namespace graft
