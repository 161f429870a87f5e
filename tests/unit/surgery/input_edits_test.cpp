// SPDX-License-Identifier: Apache-2.0
// Another size and other channels.
#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "graft/applications.hpp"
#include "graft/layers/registry.hpp"

#include "surgery_support.hpp"

namespace graft::test {
namespace {

using models::Edited;

TEST(ChangeInputSize, KeepsEveryWeightOfAConvolutionalNetwork) {
  const Model model = classifier();
  const Edited edited = models::change_input_size(model, {24, 40});
  expect_honest(model, edited);
  EXPECT_EQ(edited.model.input_shape(), (Shape{-1, 24, 40, 3}));
  EXPECT_EQ(models::as_model(edited.model.get_layer("base")).input_shape(), (Shape{-1, 24, 40, 3}));
  EXPECT_EQ(edited.report.kept.size(), model.weights().size());
  EXPECT_TRUE(edited.report.notes.empty());
  const Edited back = models::change_input_size(edited.model, 16);
  EXPECT_EQ(difference(run(back.model, golden_image(16, 16)), run(model, golden_image(16, 16))), 0);
  const Edited open = models::change_input_size(model, 0);
  EXPECT_EQ(open.model.input_shape(), (Shape{-1, -1, -1, 3}));
}

TEST(ChangeInputSize, DenseAfterFlattenIsInitialisedAgain) {
  const SymbolicTensor input = Input({64, 64, 3}, "in");
  SymbolicTensor x = layers::Conv2D({.filters = 4, .kernel_size = 3, .strides = 2, .name = "conv"})(input);
  x = layers::Dense({.units = 6, .name = "hidden"})(layers::Flatten({.name = "flat"})(x));
  Model model(input, layers::Dense({.units = 2, .name = "out"})(x));
  give_weights(model);
  const Edited edited = models::change_input_size(model, 128);
  expect_honest(model, edited);
  ASSERT_EQ(edited.report.created.size(), 1U);
  EXPECT_EQ(edited.report.created[0].path, "hidden/kernel");
  EXPECT_EQ(edited.report.created[0].after, (Shape{63 * 63 * 4, 6}));
  ASSERT_EQ(edited.report.notes.size(), 1U);
  EXPECT_NE(edited.report.notes[0].find("initialised again"), std::string::npos);
  expect_error([&] { return models::change_input_size(model, 2); }, ErrorKind::shape_mismatch, {"conv"});
  expect_error([&] { return models::change_input_size(model, -5); }, ErrorKind::invalid_argument, {"-5"});
}

/// As the application itself is at that size: odd sizes have other padding in front of strides.
TEST(ChangeInputSize, IsTheApplicationOfThatSize) {
  for (const std::int64_t size : {64, 75, 150}) {
    const auto build = [](std::int64_t side) {
      return applications::MobileNetV2(
          {.input_shape = {side, side, 3}, .include_top = false, .weights = "none", .alpha = 0.35});
    };
    Model model = build(128);
    give_weights(model);
    Model expected = build(size);
    for (std::size_t i = 0; i < model.weights().size(); ++i)
      expected.weights()[i]->assign(model.weights()[i]->value());
    const Edited edited = models::change_input_size(model, size);
    EXPECT_EQ(edited.model.output_shape(), expected.output_shape());
    const Tensor photo = golden_image(size, size);
    EXPECT_EQ(difference(run(edited.model, photo), run(expected, photo)), 0) << size;
    EXPECT_EQ(edited.report.notes.empty(), size == 64) << edited.report.text();
  }
}

/// All channels equal: what went in repeated m times before and n times now gives the same.
void expect_same_for_grey(const Model& before, const Model& after) {
  const std::int64_t size = before.input_shape()[1];
  const Tensor old = run(before, grey_photo(size, before.input_shape()[3]));
  const Tensor now = run(after, grey_photo(size, after.input_shape()[3]));
  double largest = 1;
  for (const float value : old.data()) largest = std::max(largest, std::abs(static_cast<double>(value)));
  EXPECT_LT(difference(old, now), 1e-5 * largest);
}

TEST(ChangeChannels, FirstKernelIsAdaptedAlsoInANestedModel) {
  const Model model = classifier();
  for (const std::int64_t channels : {1, 2, 4, 5}) {
    const Edited edited = models::change_channels(model, {.channels = channels});
    expect_honest(model, edited);
    ASSERT_EQ(edited.report.adapted.size(), 1U) << edited.report.text();
    EXPECT_EQ(edited.report.adapted[0].path, "base/conv/kernel");
    EXPECT_EQ(edited.report.adapted[0].after, (Shape{3, 3, channels, 8}));
    EXPECT_TRUE(edited.report.created.empty());
    expect_same_for_grey(model, edited.model);
  }
}

TEST(ChangeChannels, GreyToColourAndBack) {
  const Model grey = models::change_channels(classifier(), {.channels = 1}).model;
  const Edited color = models::change_channels(grey, {.channels = 3});
  expect_same_for_grey(grey, color.model);
  const auto kernel = weight_at(color.model, "base/conv/kernel")->value().data();
  EXPECT_EQ(kernel[0], kernel[8]);
  EXPECT_EQ(kernel[0], kernel[16]);
}

TEST(ChangeChannels, AddedAtZeroLeavesTheOldAsTheyAre) {
  const Model model = classifier();
  const Edited edited = models::change_channels(model, {.channels = 4, .added = models::NewChannels::zero});
  const Tensor photo = golden_image(16, 16);
  Tensor with_depth({1, 16, 16, 4});
  for (std::size_t i = 0; i < 256; ++i) {
    for (std::size_t c = 0; c < 4; ++c) with_depth.data()[4 * i + c] = c < 3 ? photo.data()[3 * i + c] : 77;
  }
  EXPECT_LT(difference(run(model, photo), run(edited.model, with_depth)), 1e-6);
}

/// Every preprocessing of the applications, with the padding after it.
TEST(ChangeChannels, WithAnyPreprocessing) {
  using applications::Preprocessing;
  for (const Preprocessing mode : {Preprocessing::none, Preprocessing::tf, Preprocessing::torch,
                                   Preprocessing::caffe, Preprocessing::lite}) {
    const SymbolicTensor input = Input({16, 16, 3}, "image");
    const Model base = small_base();
    give_weights(base);
    const Model model(input,
                      layers::GlobalAveragePooling2D()(base(applications::add_preprocessing(input, mode))));
    for (const std::int64_t channels : {1, 4}) {
      const Edited edited = models::change_channels(model, {.channels = channels});
      expect_same_for_grey(model, edited.model);
      const bool converted = mode == Preprocessing::torch;
      EXPECT_EQ(edited.report.created.size(), converted ? 1U : 0U) << edited.report.text();
      if (!converted) continue;
      EXPECT_EQ(edited.report.created[0].path, "input_channels/kernel");
      EXPECT_FALSE(edited.model.get_layer("input_channels").trainable());
      EXPECT_EQ(edited.report.notes.size(), 1U);
      EXPECT_EQ(edited.report.kept.size(), model.weights().size());
    }
  }
}

TEST(ChangeChannels, FlattenInFrontOfDenseGetsAConverter) {
  const SymbolicTensor input = Input({4, 4, 3}, "image");
  Model model(input, layers::Dense({.units = 2, .name = "out"})(layers::Flatten()(input)));
  give_weights(model);
  const Edited edited = models::change_channels(model, {.channels = 1});
  expect_honest(model, edited);
  expect_same_for_grey(model, edited.model);
  EXPECT_NE(edited.report.notes.at(0).find("Flatten"), std::string::npos);
}

/// What a layer makes of a photo with some channels; empty where it cannot be made without options, cannot be
/// called on one photo, or has weights.
Tensor made_by(const layers::LayerClass& one, const Tensor& photo) {
  try {
    const SymbolicTensor input = Input(Shape{8, 8, photo.shape()[3]}, "photo");
    const Model model(input, one.from_config({{"name", "probe"}})(input));
    return model.weights().empty() ? run(model, photo) : Tensor();
  } catch (const Error&) {
    return {};
  }
}

/// Whether a layer does the same to each channel, whatever their number.
bool treats_alike(const layers::LayerClass& one) {
  Tensor colors({1, 8, 8, 3});
  for (std::size_t i = 0; i < colors.data().size(); ++i)
    colors.data()[i] = static_cast<float>(i * 37 % 101) / 50 - 1;
  const Tensor made = made_by(one, colors);
  if (made.empty() || made.shape().rank() < 2 || made.shape()[-1] != 3) return false;
  for (std::size_t c = 0; c < 3; ++c) {
    Tensor single({1, 8, 8, 1});
    for (std::size_t i = 0; i < 64; ++i) single.data()[i] = colors.data()[3 * i + c];
    const Tensor alone = made_by(one, single);
    if (alone.empty() || 3 * alone.count() != made.count()) return false;
    for (std::size_t i = 0; i < alone.data().size(); ++i) {
      if (std::abs(alone.data()[i] - made.data()[3 * i + c]) > 1e-6F) return false;
    }
  }
  return true;
}

TEST(ChangeChannels, LayersThatTreatChannelsAlikeNeedNoConverter) {
  // In training these need red, green and blue. Concatenate has other channels when it has several inputs.
  const std::set<std::string_view> other{
      "AugMix",          "Concatenate", "RandAugment",     "RandomColorDegeneration", "RandomColorJitter",
      "RandomGrayscale", "RandomHue",   "RandomSaturation"};
  std::size_t alike = 0;
  for (const layers::LayerClass& one : layers::registry()) {
    if (!treats_alike(one)) continue;
    const SymbolicTensor input = Input({8, 8, 3}, "photo");
    SymbolicTensor x = one.from_config({{"name", "probe"}})(input);
    const Model model(input, layers::Dense({.units = 2, .name = "out"})(x));
    const Edited edited = models::change_channels(model, {.channels = 1});
    EXPECT_EQ(edited.report.notes.empty(), !other.contains(one.class_name)) << one.class_name;
    ++alike;
  }
  EXPECT_GT(alike, 30U);
}

TEST(ChangeChannels, BranchesOfThePhotoMayMeetInFrontOfTheKernel) {
  const SymbolicTensor input = Input({8, 8, 3}, "photo");
  const auto with = [&](const SymbolicTensor& sum) {
    const Model model(input, layers::Dense({.units = 2, .name = "out"})(layers::GlobalMaxPooling2D()(sum)));
    give_weights(model);
    const Edited edited = models::change_channels(model, {.channels = 1});
    expect_same_for_grey(model, edited.model);
    return edited.report.notes.size();
  };
  EXPECT_EQ(with(layers::Add("add")(std::vector{input, layers::ReLU()(input)})), 0U);
  // What comes from a kernel has its own channels.
  const SymbolicTensor other =
      layers::Conv2D({.filters = 3, .kernel_size = 1, .use_bias = false, .name = "conv"})(input);
  EXPECT_EQ(with(layers::Add("sum")(std::vector{input, other})), 1U);
}

TEST(ChangeChannels, WrongArguments) {
  const Model model = classifier();
  for (const std::int64_t channels : {0, -1, 3}) {
    expect_error([&] { return models::change_channels(model, {.channels = channels}); },
                 ErrorKind::invalid_argument, {"3", std::to_string(channels)});
  }
  const SymbolicTensor input = Input({4});
  const Model flat(input, layers::Dense({.units = 1})(input));
  expect_error([&] { return models::change_channels(flat, {.channels = 1}); }, ErrorKind::invalid_argument,
               {"(None, 4)"});
}

}  // namespace
}  // namespace graft::test
