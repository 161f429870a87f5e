// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "graft/applications.hpp"
#include "graft/base/json.hpp"

#include "surgery_support.hpp"

namespace graft::test {
namespace {

using models::Edited;

TEST(ReplaceHead, OneClassMoreKeepsTheLogitsOfTheOld) {
  const Model model = classifier(2, "linear");
  const Edited edited = models::replace_head(model, {.classes = 3, .from = {1, -1, 0}});
  expect_honest(model, edited);
  ASSERT_EQ(edited.report.adapted.size(), 2U) << edited.report.text();
  EXPECT_TRUE(edited.report.created.empty());
  const Tensor photo = golden_image(16, 16);
  const Tensor before = run(model, photo);
  const Tensor after = run(edited.model, photo);
  EXPECT_EQ(after.shape(), (Shape{1, 3}));
  EXPECT_NEAR(after.data()[0], before.data()[1], 1e-6);
  EXPECT_NEAR(after.data()[2], before.data()[0], 1e-6);
  // The new class starts as Keras would start it, not at zero.
  EXPECT_GT(std::abs(weight_at(edited.model, "head/kernel")->value().data()[1]), 1e-6F);
  EXPECT_EQ(weight_at(edited.model, "head/bias")->value().data()[1], 0);
  EXPECT_EQ(edited.model.get_layer("base").trainable(), false);
}

TEST(ReplaceHead, OneOutputBecomesOneForEachClass) {
  for (const std::string activation : {"sigmoid", "linear"}) {
    const Model model = classifier(1, activation);
    const Edited edited = models::replace_head(model, {.classes = 2, .from = {0, 1}});
    const Tensor photo = golden_image(16, 16);
    const float before = run(model, photo).data()[0];
    const Tensor after = run(edited.model, photo);
    if (activation == "sigmoid") {
      EXPECT_NEAR(after.data()[1], before, 1e-6);
      EXPECT_NEAR(after.data()[0], 1 - before, 1e-6);
    } else {
      EXPECT_EQ(after.data()[0], 0);
      EXPECT_NEAR(after.data()[1], before, 1e-6);
    }
  }
}

TEST(ReplaceHead, AllNewOrAllAsBefore) {
  const Model model = classifier();
  const Edited fresh = models::replace_head(model, {.classes = 2});
  EXPECT_EQ(fresh.report.created.size(), 2U) << fresh.report.text();
  EXPECT_FALSE(bit_equal(*weight_at(fresh.model, "head/kernel"), *weight_at(model, "head/kernel")));
  const Edited same = models::replace_head(model, {.classes = 2, .from = {0, 1}});
  expect_honest(model, same);
  EXPECT_EQ(same.report.kept.size(), model.weights().size());
  const Edited less = models::replace_head(model, {.classes = 1});
  EXPECT_EQ(less.model.get_layer("head").config()["activation"], "sigmoid");
}

TEST(ReplaceHead, HiddenLayersComeAndGo) {
  const Model model = classifier();
  const Edited deeper =
      models::replace_head(model, {.classes = 4, .hidden = std::vector<std::int64_t>{16, 6}, .dropout = 0.3});
  expect_honest(model, deeper);
  std::vector<std::string> names;
  for (const Layer& layer : deeper.model.layers()) names.push_back(layer.name());
  EXPECT_EQ(names, (std::vector<std::string>{"image", "rescale", "base", "gap", "head_dense_1",
                                             "head_dense_2", "head_dropout", "head"}));
  EXPECT_EQ(deeper.model.get_layer("head").count_params(), 6 * 4 + 4);
  const Edited shallow =
      models::replace_head(deeper.model, {.classes = 4, .hidden = std::vector<std::int64_t>{}});
  EXPECT_EQ(shallow.model.layers().size(), 5U);
  EXPECT_EQ(shallow.report.created.size(), 2U);
  const Edited vgg =
      models::replace_head(applications::VGG16({.input_shape = {32, 32, 3}, .weights = "none", .classes = 5}),
                           {.classes = 3, .hidden = std::vector<std::int64_t>{7}});
  EXPECT_EQ(vgg.report.dropped.size(), 4U) << vgg.report.text();
  EXPECT_EQ(vgg.model.get_layer("head_dense_1").count_params(), 512 * 7 + 7);
}

TEST(ReplaceHead, InANestedModelAndAfterConvolutions) {
  const Model vgg = applications::VGG16({.input_shape = {32, 32, 3}, .weights = "none", .classes = 5});
  give_weights(vgg);
  const SymbolicTensor input = Input({32, 32, 3});
  const Model outer(input, vgg(layers::Rescaling()(input)));
  const Edited edited = models::replace_head(outer, {.classes = 2, .from = {4, 2}});
  expect_honest(outer, edited);
  EXPECT_EQ(edited.model.output_shape(), (Shape{-1, 2}));
  EXPECT_EQ(edited.report.adapted.at(0).path, "vgg16/predictions/kernel");

  SymbolicTensor x = layers::Conv2D({.filters = 4, .kernel_size = 1, .name = "scores"})(input);
  x = layers::Activation("softmax", "softmax")(layers::GlobalAveragePooling2D()(x));
  Model squeeze(input, x);
  give_weights(squeeze);
  const Edited scores = models::replace_head(squeeze, {.classes = 5, .from = {0, 1, 2, 3, -1}});
  expect_honest(squeeze, scores);
  EXPECT_EQ(scores.report.adapted.size(), 2U);
  expect_error([&] { return models::replace_head(squeeze, {.classes = 1}); }, ErrorKind::invalid_argument,
               {"softmax"});
  expect_error(
      [&] { return models::replace_head(squeeze, {.classes = 2, .hidden = std::vector<std::int64_t>{3}}); },
      ErrorKind::invalid_argument, {"scores"});
}

TEST(ReplaceHead, WrongArguments) {
  const Model model = classifier();
  expect_error([&] { return models::replace_head(model, {.classes = 0}); }, ErrorKind::invalid_argument,
               {"0"});
  expect_error([&] { return models::replace_head(model, {.classes = 2, .from = {0}}); },
               ErrorKind::invalid_argument, {"2 classes", "received 1"});
  expect_error(
      [&] {
        return models::replace_head(model, {.classes = 2, .from = {0, 2}});
      },
      ErrorKind::invalid_argument, {"from 0 to 1"});
  expect_error([&] { return models::replace_head(model, {.classes = 2, .dropout = 0.5}); },
               ErrorKind::invalid_argument, {"dropout"});
  expect_error([&] { return models::replace_head(small_base(), {.classes = 2}); },
               ErrorKind::invalid_argument, {"base", "(None, 8, 8, 8)"});
  const Model pooled = applications::MobileNetV2(
      {.input_shape = {32, 32, 3}, .include_top = false, .weights = "none", .pooling = "avg", .alpha = 0.35});
  expect_error([&] { return models::replace_head(pooled, {.classes = 2}); }, ErrorKind::invalid_argument,
               {"BatchNormalization"});
}

}  // namespace
}  // namespace graft::test
