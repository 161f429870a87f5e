// SPDX-License-Identifier: Apache-2.0
#include "graft/quantize.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/int8_ranges.hpp"
#include "graft/error.hpp"
#include "graft/layers.hpp"
#include "graft/photos.hpp"
#include "graft/plan/plan.hpp"

#include "support.hpp"

namespace graft::classify {
namespace {

constexpr std::int64_t kSide = 24;

/// Tells by two convolutions and a Dense which half of a picture is brighter.
Classifier halves_classifier() {
  const SymbolicTensor input = Input({kSide, kSide, 3});
  SymbolicTensor x = layers::Rescaling({.scale = {1.0 / 255}, .offset = {0}, .name = "scale"})(input);
  x = layers::Conv2D({.filters = 16, .kernel_size = 3, .activation = "relu", .name = "c1"})(x);
  x = layers::Conv2D({.filters = 16, .kernel_size = 3, .activation = "relu", .name = "c2"})(x);
  x = layers::AveragePooling2D({.pool_size = 5, .name = "pool"})(x);
  x = layers::Flatten()(x);
  const Model model(input, layers::Dense({.units = 2, .activation = "softmax", .name = "head"})(x));
  for (const VariablePtr& weight : model.weights())
    weight->assign(test::golden_weight(weight->path(), weight->name(), weight->shape()));
  return {model, {{"class_names", {"left", "right"}}, {"output", "softmax"}}};
}

Tensor pictures(std::int64_t count, const std::string& key) {
  Tensor images({count, kSide, kSide, 3});
  const auto u = test::u01(key, static_cast<std::size_t>(images.count()));
  for (std::size_t i = 0; i < u.size(); ++i) images.data()[i] = static_cast<float>(std::floor(256 * u[i]));
  return images;
}

class Quantize : public testing::Test {
 protected:
  Classifier classifier_ = halves_classifier();
  data::Dataset calibrate_on_ = data::Dataset::from_tensors(pictures(20, "calibrate"));
  data::Dataset compare_on_ = data::Dataset::from_tensors(pictures(50, "compare"));
};

TEST_F(Quantize, RecordsRangesAndSaysWhatIsLost) {
  const Quantized result = quantize(classifier_, calibrate_on_, compare_on_, {.most_lost = 1});
  EXPECT_EQ(result.compared.photos, 50U);
  EXPECT_GT(result.compared.mean_moved, 0);
  EXPECT_LT(result.compared.most_moved, 0.05);
  EXPECT_EQ((*result.metadata)["class_names"], classifier_.metadata()["class_names"]);
  EXPECT_TRUE((*result.metadata)[kInt8Key]["ranges"].contains("c1:1")) << result.metadata->dump();
  EXPECT_EQ((*result.metadata)[kInt8Key]["compared"]["photos"], 50);
  EXPECT_EQ(dtype_policy(), DTypePolicy::float32);
}

TEST_F(Quantize, TheClassifierComputesInInt8WithWhatTheMetadataSays) {
  const Quantized result = quantize(classifier_, calibrate_on_, compare_on_, {.most_lost = 1});
  const Tensor exact = classifier_.probabilities(compare_on_);
  const Execution in_int8{.dtype_policy = DTypePolicy::int8};
  const Classifier low(classifier_.model(), result.metadata, in_int8);
  const Tensor first = low.probabilities(compare_on_);
  EXPECT_GT(test::max_difference(first.data(), exact.data()), 0);
  EXPECT_NEAR(test::max_difference(first.data(), exact.data()), result.compared.most_moved, 1e-6);
  const Tensor again = Classifier(classifier_.model(), result.metadata, in_int8).probabilities(compare_on_);
  EXPECT_EQ(test::max_difference(first.data(), again.data()), 0);
  const Classifier without(classifier_.model(), classifier_.metadata(), in_int8);
  EXPECT_THROW((void)without.probabilities(compare_on_), Error);
}

TEST_F(Quantize, CountsEachLabelOfAPhoto) {
  // The threshold of the first label divides the answers in the middle, so that some labels change.
  const Tensor exact = classifier_.probabilities(compare_on_);
  std::vector<float> first;
  for (std::size_t i = 0; i < 50; ++i) first.push_back(exact.data()[2 * i]);
  std::ranges::sort(first);
  const SymbolicTensor input = Input({kSide, kSide, 3});
  // The same numbers, as sigmoids would give them.
  const Model same(input, layers::Activation("linear")(classifier_.model()(input)));
  const Classifier several(same, {{"class_names", {"left", "right"}},
                                  {"output", "sigmoid"},
                                  {"labels", "several"},
                                  {"thresholds", {first[25], 0.0}}});
  const Quantized result = quantize(several, calibrate_on_, compare_on_, {.most_lost = 1});
  const Classifier low(same, result.metadata, {.dtype_policy = DTypePolicy::int8});
  const Tensor in_int8 = low.probabilities(compare_on_);
  const double limit = several.label_thresholds()[0];
  std::size_t others = 0;
  for (std::size_t i = 0; i < 50; ++i)
    others += (exact.data()[2 * i] >= limit) != (in_int8.data()[2 * i] >= limit) ? 1 : 0;
  ASSERT_TRUE(result.compared.other_labels);
  EXPECT_NEAR(*result.compared.other_labels, static_cast<double>(others) / 100, 1e-12);
  EXPECT_EQ(result.compared.other_class, others);
  EXPECT_EQ(result.compared.lost(), *result.compared.other_labels);
  EXPECT_THROW(static_cast<void>(quantize(several, calibrate_on_, compare_on_,
                                          {.most_lost = 1, .truth = std::vector<int>(50, 0)})),
               Error);
}

TEST_F(Quantize, NumbersMoveInUnitsOfTheirDeviation) {
  // Numbers of a thousand times the probabilities: what is lost does not depend on the unit.
  const SymbolicTensor input = Input({kSide, kSide, 3});
  const SymbolicTensor answer = classifier_.model()(input);
  const Json metadata{{"class_names", {"a", "b"}}, {"output", "numbers"}};
  const auto lost_with = [&](double scale) {
    const Model model(input, layers::Rescaling({.scale = {scale}, .offset = {0}, .name = "unit"})(answer));
    return quantize(Classifier(model, metadata), calibrate_on_, compare_on_, {.most_lost = 1}).compared;
  };
  const Int8Comparison small = lost_with(1), large = lost_with(1000);
  ASSERT_TRUE(small.moved_variance && large.moved_variance);
  EXPECT_GT(small.lost(), 0);
  EXPECT_NEAR(small.lost(), large.lost(), 1e-3 * small.lost());
  EXPECT_NEAR(small.mean_moved, large.mean_moved, 1e-3 * small.mean_moved);
  EXPECT_FALSE(large.to_json().contains("agreement"));
}

TEST_F(Quantize, CountsAccuracyWhereClassesAreKnown) {
  const Tensor exact = classifier_.probabilities(compare_on_);
  std::vector<int> truth;  // as float32 says, but for one photo
  for (std::size_t i = 0; i < 50; ++i)
    truth.push_back(exact.data()[2 * i] >= exact.data()[2 * i + 1] ? 0 : 1);
  truth[3] = 1 - truth[3];
  const Quantized result =
      quantize(classifier_, calibrate_on_, compare_on_, {.most_lost = 1, .truth = truth});
  ASSERT_TRUE(result.compared.right_float32 && result.compared.right_int8);
  EXPECT_EQ(*result.compared.right_float32, 49U);
  EXPECT_GE(*result.compared.right_int8 + result.compared.other_class, 49U);
  EXPECT_EQ(result.compared.to_json()["accuracy_float32"], 0.98);
}

TEST(QuantizeComparison, LostIsAccuracyOrElseAgreement) {
  Int8Comparison compared{.photos = 200, .other_class = 4};
  EXPECT_DOUBLE_EQ(compared.lost(), 0.02);
  compared.right_float32 = 190;
  compared.right_int8 = 189;
  EXPECT_DOUBLE_EQ(compared.lost(), 0.005);
  compared.right_int8 = 195;
  EXPECT_DOUBLE_EQ(compared.lost(), 0);
}

/// A model that 8 bits cannot serve as a whole: beside the channel that counts c1 has one of a thousand times
/// its size, so that what the branches read of it is rounded to nothing. Each branch adds the photo's mean
/// red (about a half) to the first class; without one of them the second class wins.
Classifier spoilt_classifier(int branches) {
  const SymbolicTensor input = Input({kSide, kSide, 3});
  const Layer wide = layers::Conv2D({.filters = 48, .kernel_size = 1, .activation = "relu", .name = "c1"});
  const SymbolicTensor x = wide(input);
  Tensor kernel({1, 1, 3, 48});
  kernel.data()[0] = 1000.0F / 255;
  kernel.data()[1] = 1.0F / 255;
  wide.weights()[0]->assign(kernel);
  std::vector<SymbolicTensor> means;
  for (int i = 0; i < branches; ++i) {
    const Layer branch =
        layers::Conv2D({.filters = 16, .kernel_size = 1, .name = "branch" + std::to_string(i)});
    const SymbolicTensor y = branch(x);
    Tensor second({1, 1, 48, 16});
    second.data()[16] = 1;
    branch.weights()[0]->assign(second);
    means.push_back(layers::GlobalAveragePooling2D()(y));
  }
  const Layer head = layers::Dense({.units = 2, .activation = "softmax", .name = "head"});
  const SymbolicTensor joined = branches == 1 ? means.front() : layers::Concatenate()(means);
  const Model model(input, head(joined));
  Tensor sum({16 * branches, 2});
  for (int i = 0; i < branches; ++i) sum.data()[static_cast<std::size_t>(32 * i)] = 1;
  head.weights()[0]->assign(sum);
  const std::vector<float> bias{0, 0.5F * static_cast<float>(branches) - 0.25F};
  head.weights()[1]->assign(Tensor::from({2}, bias));
  return {model, {{"class_names", {"red", "none"}}, {"output", "softmax"}}};
}

TEST_F(Quantize, LeavesTheMostSensitiveLayerInFloat32) {
  const Classifier spoilt = spoilt_classifier(1);
  const Quantized lax = quantize(spoilt, calibrate_on_, compare_on_, {.most_lost = 1});
  EXPECT_EQ(lax.compared.other_class, 50U);
  EXPECT_TRUE(lax.float32_layers.empty());
  const Quantized strict = quantize(spoilt, calibrate_on_, compare_on_, {.most_lost = 0});
  EXPECT_EQ(strict.compared.other_class, 0U);
  EXPECT_EQ(strict.float32_layers, std::set<std::string>{"branch0"});
  EXPECT_EQ((*strict.metadata)[kInt8Key]["float32_layers"], Json{"branch0"});
}

TEST_F(Quantize, RefusesWhatHalfOfTheLayersInFloat32DoNotSave) {
  try {
    (void)quantize(spoilt_classifier(3), calibrate_on_, compare_on_, {.most_lost = 0.1});
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    EXPECT_NE(std::string(error.what()).find("100.0 %"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("2 layers in float32"), std::string::npos) << error.what();
  }
}

TEST_F(Quantize, RefusesWhatMakesNoSense) {
  EXPECT_THROW((void)quantize(classifier_, calibrate_on_, compare_on_, {.most_lost = -0.1}), Error);
  EXPECT_THROW((void)quantize(classifier_, calibrate_on_, compare_on_, {.truth = {1, 2}}), Error);
  const auto stop = [](const std::string&, std::size_t, std::size_t) { return false; };
  EXPECT_THROW((void)quantize(classifier_, calibrate_on_, compare_on_, {.progress = stop}), Error);
  EXPECT_EQ(int8_ranges(nullptr), nullptr);
  EXPECT_THROW((void)int8_ranges(Json{{"int8", 3}}), Error);
}

TEST_F(Quantize, AnEditedClassifierForgetsItsRanges) {
  Json metadata = quantize(classifier_, calibrate_on_, compare_on_, {.most_lost = 1}).metadata;
  ASSERT_TRUE(metadata.contains(kInt8Key));
  (void)replace_classes(classifier_.model(), metadata, {.names = {"left", "right", "top"}, .hidden = {}});
  EXPECT_FALSE(metadata.contains(kInt8Key));
}

/// ImageNet's weights on real photos: int8 tells almost all as float32 does.
TEST(QuantizeOnPhotos, MobileNetTellsPhotosAsInFloat32) {
  GRAFT_REQUIRE_DATA(data);
  const Classifier classifier = Classifier::imagenet(
      "mobilenet_v2", (data / "weights/mobilenet_v2_1.0_224_keras_layout_head_dequantised.h5").string());
  const auto load = [&](const char* folder) {
    return data::load_photos(data::list_photos(data / "photos" / folder, {.infer_labels = false}),
                             classifier.load_options());
  };
  const data::PhotoSet known = load("imagenet_samples");
  const data::PhotoSet other = load("ants_bees/val");
  const Quantized result = quantize(classifier, other.all(), known.all(), {.most_lost = 1});
  std::cout << "MobileNetV2 on " << result.compared.to_json().dump() << '\n';
  EXPECT_LE(result.compared.lost(), 0.15);
  EXPECT_LT(result.compared.mean_moved, 0.001);
  EXPECT_TRUE(result.float32_layers.empty());
}

}  // namespace
}  // namespace graft::classify
