// SPDX-License-Identifier: Apache-2.0
#include "graft/applications.hpp"
#include "graft/base/json.hpp"

#include "surgery_support.hpp"

namespace graft::test {
namespace {

using models::Edited;

TEST(InsertLayers, AfterAndBeforeAlsoInNestedModels) {
  const Model model = classifier();
  const Tensor photo = golden_image(16, 16);
  const Edited after = models::insert_after(
      model, "conv", {layers::Activation("linear", "same"), layers::Activation("linear", "same_again")});
  expect_honest(model, after);
  EXPECT_EQ(difference(run(after.model, photo), run(model, photo)), 0);
  const Model base = models::as_model(after.model.get_layer("base"));
  EXPECT_EQ(base.get_layer(1).name(), "conv");
  EXPECT_EQ(base.get_layer(2).name(), "same");
  EXPECT_EQ(base.get_layer(3).name(), "same_again");
  EXPECT_FALSE(base.trainable());

  const Edited dense = models::insert_before(model, "head", {layers::Dense({.units = 5, .name = "more"})});
  expect_honest(model, dense);
  ASSERT_EQ(dense.report.created.size(), 3U) << dense.report.text();
  EXPECT_EQ(dense.report.params_after, model.count_params() + (8 * 5 + 5) + (5 * 2 + 2) - (8 * 2 + 2));
  EXPECT_NE(dense.report.text().find("head/kernel  (8, 2) to (5, 2)"), std::string::npos)
      << dense.report.text();
  EXPECT_NE(dense.report.text().find("trained again"), std::string::npos);
}

TEST(InsertLayers, AfterTheInputAndAtTheEnd) {
  const Model model = classifier();
  const Tensor photo = golden_image(16, 16);
  const Edited first = models::insert_after(model, "image", {layers::Activation("linear", "first")});
  EXPECT_EQ(difference(run(first.model, photo), run(model, photo)), 0);
  EXPECT_EQ(first.model.get_layer(1).name(), "first");
  const Edited last = models::insert_after(model, "head", {layers::Activation("softmax", "again")});
  EXPECT_EQ(last.model.outputs().front().layer->name(), "again");
}

TEST(InsertLayers, WrongPlaces) {
  const Model model = classifier();
  const auto relu = [] { return std::vector{layers::ReLU({.name = "extra"})}; };
  expect_error([&] { return models::insert_before(model, "add", relu()); }, ErrorKind::invalid_argument,
               {"Add 'base/add'", "bn, dw"});
  expect_error([&] { return models::insert_before(model, "image", relu()); }, ErrorKind::invalid_argument,
               {"image"});
  expect_error([&] { return models::insert_after(model, "bm", relu()); }, ErrorKind::not_found, {"base/bn"});
  expect_error([&] { return models::insert_after(model, "gap", {layers::ReLU({.name = "head"})}); },
               ErrorKind::invalid_argument, {"two layers named 'head'"});
  expect_error(
      [&] { return models::insert_after(model, "head", {layers::Conv2D({.filters = 1, .kernel_size = 1})}); },
      ErrorKind::shape_mismatch, {"Conv2D"});
  expect_error([&] { return models::insert_after(model, "head", {}); }, ErrorKind::invalid_argument,
               {"layer"});
  expect_error([&] { return models::insert_after(model, "head", {layers::InputLayer({.shape = {2}})}); },
               ErrorKind::invalid_argument, {"InputLayer"});
}

TEST(RemoveLayer, ItsInputReplacesItsOutput) {
  const Model model = classifier();
  const Edited plain = models::remove_layer(model, "drop");
  expect_honest(model, plain);
  EXPECT_TRUE(plain.report.created.empty());
  EXPECT_EQ(difference(run(plain.model, golden_image(16, 16)), run(model, golden_image(16, 16))), 0);
  const Edited nested = models::remove_layer(model, "base/dw");
  expect_honest(model, nested);
  EXPECT_EQ(nested.report.dropped.size(), 2U);
  expect_error([&] { return models::remove_layer(model, "add"); }, ErrorKind::invalid_argument,
               {"joins 2 inputs"});
  expect_error([&] { return models::remove_layer(model, "image"); }, ErrorKind::invalid_argument, {"image"});
  // Without it the two ends of the sum no longer fit.
  const SymbolicTensor input = Input({8, 8, 3}, "in");
  const Model branches(input, layers::Add("sum")(std::vector{
                                  layers::Conv2D({.filters = 4, .kernel_size = 1, .name = "a"})(input),
                                  layers::Conv2D({.filters = 4, .kernel_size = 1, .name = "b"})(input)}));
  expect_error([&] { return models::remove_layer(branches, "b"); }, ErrorKind::shape_mismatch, {"sum"});
}

TEST(ReplaceLayer, OfTheSameClassKeepsFittingWeights) {
  const Model model = classifier();
  const Edited strides = models::replace_layer(
      model, "conv",
      layers::Conv2D(
          {.filters = 8, .kernel_size = 3, .padding = Padding::same, .use_bias = true, .name = "conv"}));
  expect_honest(model, strides);
  EXPECT_EQ(models::as_model(strides.model.get_layer("base")).output_shape(), (Shape{-1, 16, 16, 8}));
  ASSERT_EQ(strides.report.created.size(), 1U) << strides.report.text();
  EXPECT_EQ(strides.report.created[0].path, "base/conv/bias");

  const Edited sum = models::replace_layer(model, "add", layers::Concatenate({.name = "both"}));
  EXPECT_EQ(models::as_model(sum.model.get_layer("base")).output_shape(), (Shape{-1, 8, 8, 16}));
  EXPECT_EQ(sum.report.created.size(), 1U) << sum.report.text();  // the head's kernel alone: (16, 2)

  const Edited other = models::replace_layer(model, "head", layers::Dense({.units = 7, .name = "tail"}));
  EXPECT_EQ(other.report.created.size(), 2U);
  EXPECT_EQ(other.report.created[0].path, "tail/kernel");
  EXPECT_EQ(other.model.output_shape(), (Shape{-1, 7}));
  expect_error([&] { return models::replace_layer(model, "image", layers::ReLU()); },
               ErrorKind::invalid_argument, {"change_input_size"});
  expect_error([&] { return models::replace_layer(model, "add", layers::ReLU()); },
               ErrorKind::invalid_argument, {"received 2"});
}

TEST(ReplaceLayer, AWholeBaseByAnother) {
  const Model model = classifier();
  const Model base = applications::MobileNetV2(
      {.input_shape = {32, 32, 3}, .include_top = false, .weights = "none", .alpha = 0.35});
  const Edited edited = models::replace_layer(models::change_input_size(model, 32).model, "base", base);
  EXPECT_EQ(edited.model.get_layer(base.name()).count_params(), base.count_params());
  // All weights of the new base and the head's kernel; its bias fits as it was.
  EXPECT_EQ(edited.report.created.size(), base.weights().size() + 1);
  EXPECT_EQ(edited.report.dropped.size(), 7U) << edited.report.text();
}

TEST(Truncate, EndsAtTheLayersOutput) {
  const Model model = classifier();
  const Edited pooled = models::truncate(model, "gap");
  expect_honest(model, pooled);
  EXPECT_EQ(pooled.model.output_shape(), (Shape{-1, 8}));
  EXPECT_EQ(pooled.report.dropped, (std::vector<std::string>{"head/kernel", "head/bias"}));
  const Edited inner = models::truncate(model, "bn");
  EXPECT_EQ(inner.model.output_shape(), (Shape{-1, 8, 8, 8}));
  EXPECT_EQ(models::as_model(inner.model.get_layer("base")).layers().size(), 3U);
  EXPECT_EQ(inner.model.layers().size(), 3U);
  expect_error([&] { return models::truncate(model, "image"); }, ErrorKind::invalid_argument, {"image"});
}

TEST(Truncate, Vgg16AtFc2AndBlock4) {
  const Model vgg = applications::VGG16({.weights = "none"});
  const Edited fc2 = models::truncate(vgg, "fc2");
  EXPECT_EQ(fc2.model.output_shape(), (Shape{-1, 4096}));
  EXPECT_EQ(fc2.report.params_after, 138357544 - 4097000);
  EXPECT_EQ(fc2.report.params_before, 138357544);
  const Edited block = models::truncate(vgg, "block4_pool");
  EXPECT_EQ(block.model.output_shape(), (Shape{-1, 14, 14, 512}));
}

TEST(Extract, OnlyTheBase) {
  const Model model = classifier();
  const Edited base = models::extract(model, "base");
  EXPECT_EQ(base.model.name(), "base");
  EXPECT_EQ(base.model.input_shape(), (Shape{-1, 16, 16, 3}));
  EXPECT_TRUE(bit_equal(*weight_at(base.model, "conv/kernel"), *weight_at(model, "base/conv/kernel")));
  EXPECT_EQ(base.report.dropped, (std::vector<std::string>{"head/kernel", "head/bias"}));
  ASSERT_EQ(base.report.notes.size(), 1U);
  EXPECT_NE(base.report.notes[0].find("rescale"), std::string::npos);
  expect_error([&] { return models::extract(model, "gap"); }, ErrorKind::invalid_argument,
               {"GlobalAveragePooling2D", "those are base"});
}

TEST(EditReport, TextAndJsonSayTheSame) {
  const Edited edited = models::truncate(classifier(), "gap");
  const std::string text = edited.report.text();
  EXPECT_NE(text.find("cut off after 'gap'"), std::string::npos) << text;
  EXPECT_NE(text.find("kept      7 weights"), std::string::npos) << text;
  EXPECT_NE(text.find("left out  2 weights, head/kernel, head/bias"), std::string::npos) << text;
  const Json json = edited.report.json();
  EXPECT_EQ(json["kept"].size(), 7U);
  EXPECT_EQ(json["left_out"], (Json{"head/kernel", "head/bias"}));
  EXPECT_EQ(json["params_after"], edited.model.count_params());
}

}  // namespace
}  // namespace graft::test
