// SPDX-License-Identifier: Apache-2.0
#include "graft/applications.hpp"
#include "graft/model.hpp"

#include "surgery_support.hpp"

namespace graft::test {
namespace {

TEST(CloneModel, SameGraphWithItsOwnWeights) {
  const Model model = classifier();
  const Model clone = models::clone_model(model);
  ASSERT_EQ(clone.layers().size(), model.layers().size());
  for (std::size_t i = 0; i < model.layers().size(); ++i) {
    EXPECT_EQ(clone.layers()[i].name(), model.layers()[i].name());
    EXPECT_EQ(clone.layers()[i].trainable(), model.layers()[i].trainable());
    EXPECT_NE(clone.layers()[i], model.layers()[i]);
  }
  EXPECT_EQ(clone.name(), "classifier");
  EXPECT_EQ(clone.count_params(), model.count_params());
  EXPECT_EQ(clone.trainable_weights().size(), 2U);
  EXPECT_FALSE(bit_equal(*weight_at(clone, "head/kernel"), *weight_at(model, "head/kernel")));
  for (std::size_t i = 0; i < model.weights().size(); ++i)
    clone.weights()[i]->assign(model.weights()[i]->value());
  const Tensor photo = golden_image(16, 16);
  EXPECT_EQ(difference(run(clone, photo), run(model, photo)), 0);
}

TEST(CloneModel, WholeNetworksKeepNamesAndOrder) {
  const Model model =
      applications::MobileNetV2({.input_shape = {64, 64, 3}, .include_top = false, .weights = "none"});
  const Model clone = models::clone_model(model);
  ASSERT_EQ(clone.layers().size(), 154U);
  for (std::size_t i = 0; i < 154; ++i) EXPECT_EQ(clone.layers()[i].name(), model.layers()[i].name());
}

TEST(CloneModel, OnOtherInputsAndThroughAFunction) {
  const Model model = small_base();
  const SymbolicTensor input = Input({24, 20, 3});
  // The fixed input of the clone gives way to the tensor it is built on.
  const Model clone =
      models::clone_model(model, {.input_tensors = {input}, .clone_function = [](const Layer& layer) {
                                    if (layer.name() == "relu") return layers::Activation("tanh", "tanh");
                                    return layer.name() == "conv" ? layer : Layer();
                                  }});
  EXPECT_EQ(clone.output_shape(), (Shape{-1, 12, 10, 8}));
  EXPECT_EQ(clone.get_layer("tanh").class_name(), "Activation");
  EXPECT_EQ(clone.get_layer("conv"), model.get_layer("conv"));
  EXPECT_NE(clone.get_layer("bn"), model.get_layer("bn"));
  expect_error(
      [&] {
        return models::clone_model(model, {.input_tensors = {input, input}});
      },
      ErrorKind::invalid_argument, {"base", "1 input", "received 2"});
}

TEST(CloneModel, NestedLayersAreAskedForOnlyWhenRecursive) {
  const Model model = classifier();
  for (const bool recursive : {false, true}) {
    std::vector<std::string> asked;
    (void)models::clone_model(model, {.clone_function =
                                          [&](const Layer& layer) {
                                            asked.push_back(layer.name());
                                            return models::copy_layer(layer);
                                          },
                                      .recursive = recursive});
    const auto has = [&](const char* name) { return std::ranges::count(asked, name); };
    EXPECT_EQ(has("base"), recursive ? 0 : 1);
    EXPECT_EQ(has("conv"), recursive ? 1 : 0);
    EXPECT_EQ(has("head"), 1);
    EXPECT_EQ(has("image"), 0);
  }
}

TEST(CloneModel, SharedLayersStayShared) {
  const SymbolicTensor input = Input({4}, "in");
  const Layer twice = layers::Dense({.units = 4, .name = "twice"});
  const Model model(input, layers::Add("sum")(std::vector{twice(input), twice(twice(input))}));
  const Model clone = models::clone_model(model);
  EXPECT_EQ(clone.layers().size(), 3U);
  EXPECT_EQ(clone.count_params(), 20);
}

TEST(FindLayer, ByNameAndPathWithSuggestions) {
  const Model model = classifier();
  EXPECT_EQ(models::find_layer(model, "bn").path, "base/bn");
  EXPECT_EQ(models::find_layer(model, "base/bn").layer.class_name(), "BatchNormalization");
  EXPECT_EQ(models::find_layer(model, "head").path, "head");
  expect_error([&] { return models::find_layer(model, "cnov").path; }, ErrorKind::not_found,
               {"'cnov'", "base/conv"});
  expect_error([&] { return models::find_layer(model, "zzzzzzzz").path; }, ErrorKind::not_found,
               {"summary with expand_nested"});
  const SymbolicTensor input = Input({16, 16, 3});
  const Model other = small_base();
  other.base()->set_name("other");
  const Model two(input, layers::Add()(std::vector{small_base()(input), other(input)}));
  expect_error([&] { return models::find_layer(two, "conv").path; }, ErrorKind::invalid_argument,
               {"base/conv", "other/conv"});
}

}  // namespace
}  // namespace graft::test
