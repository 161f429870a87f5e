// SPDX-License-Identifier: Apache-2.0
#include "graft/explain.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/data/write_png.hpp"
#include "graft/error.hpp"
#include "graft/layers.hpp"
#include "graft/recipes.hpp"

#include "inspect/explain/cam.hpp"
#include "inspect/explain/region.hpp"
#include "support.hpp"

namespace graft {
namespace {

/// Classes 0 and 1: how red, how blue. The feature map is the photo by halves of its size.
Classifier red_or_blue(const std::string& activation = "softmax") {
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  SymbolicTensor x = layers::AveragePooling2D({.name = "halves"})(input);
  x = layers::GlobalAveragePooling2D({.name = "mean"})(x);
  Layer dense = layers::Dense({.units = 2, .activation = activation, .name = "predictions"});
  Model model(input, dense(x));
  dense.weights()[0]->assign(Tensor::from({3, 2}, std::vector<float>{0.1F, 0, 0, 0, 0, 0.1F}));
  return Classifier(model, Json{{"class_names", {"red", "blue"}}});
}

/// The left half red, the right half blue.
Tensor two_halves(std::int64_t height = 8, std::int64_t width = 8) {
  Tensor photo(Shape{height, width, 3}, DType::uint8);
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) photo.at<std::uint8_t>(y, x, x < width / 2 ? 0 : 2) = 200;
  }
  return photo;
}

TEST(Explain, AClassIsExplainedByThePartThatShowsIt) {
  for (const ExplainMethod method :
       {ExplainMethod::grad_cam, ExplainMethod::grad_cam_plus_plus, ExplainMethod::occlusion}) {
    SCOPED_TRACE(to_string(method));
    const Explainer red(red_or_blue(), {.method = method, .class_index = 0});
    const Explanation left = red.explain(two_halves());
    EXPECT_EQ(left.explained.name, "red");
    EXPECT_NEAR(left.heat_map.at(4, 0), 1, 1e-5);
    EXPECT_NEAR(left.heat_map.at(4, 7), 0, 1e-5);
    const Explainer blue(red_or_blue(), {.method = method, .class_index = 1});
    const Explanation right = blue.explain(two_halves());
    EXPECT_NEAR(right.heat_map.at(4, 0), 0, 1e-5);
    EXPECT_NEAR(right.heat_map.at(4, 7), 1, 1e-5);
  }
}

/// One number, and two: what raises them is hot, also where the model has one output.
TEST(Explain, ANumberIsExplainedByWhatRaisesIt) {
  for (const std::int64_t numbers : {1, 2}) {
    const SymbolicTensor input = Input({8, 8, 3}, "image");
    const SymbolicTensor halves = layers::AveragePooling2D({.name = "halves"})(input);
    Layer dense = layers::Dense({.units = numbers});
    Model model(input, dense(layers::GlobalAveragePooling2D()(halves)));
    Tensor kernel({3, numbers});
    kernel.at(0, 0) = 0.1F;                    // red raises the first
    if (numbers == 2) kernel.at(2, 1) = 0.2F;  // blue the second
    dense.weights()[0]->assign(kernel);
    std::vector<std::string> names{"age"};
    if (numbers == 2) names.emplace_back("height");
    const Classifier classifier(model, Json{{"output", "numbers"}, {"class_names", names}});
    for (const ExplainMethod method : {ExplainMethod::automatic, ExplainMethod::occlusion}) {
      const Explanation first = Explainer(classifier, {.method = method}).explain(two_halves());
      ASSERT_TRUE(first.number);
      EXPECT_EQ(first.number->name, "age");
      EXPECT_NEAR(first.number->value, 10, 1e-4);  // half of 200 times 0.1
      EXPECT_EQ(first.explained.name, "age");
      EXPECT_NEAR(first.heat_map.at(4, 0), 1, 1e-5);
      EXPECT_NEAR(first.heat_map.at(4, 7), 0, 1e-5);
      if (numbers == 1) continue;
      const Explanation second =
          Explainer(classifier, {.method = method, .class_index = 1}).explain(two_halves());
      EXPECT_EQ(second.number->name, "height");
      EXPECT_NEAR(second.heat_map.at(4, 7), 1, 1e-5);
    }
    EXPECT_THROW(Explainer(classifier, {.class_index = numbers}), Error);
  }
}

TEST(Explain, TheLayerIsFoundFromTheGraphOrByName) {
  EXPECT_EQ(Explainer(red_or_blue()).explain(two_halves()).layer, "halves");
  EXPECT_EQ(Explainer(red_or_blue(), {.layer = "halves"}).explain(two_halves()).layer, "halves");
  try {
    const Explainer explainer(red_or_blue(), {.layer = "halve"});
    FAIL() << "a layer that there is not was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
    EXPECT_NE(std::string(error.what()).find("halves"), std::string::npos) << error.what();
  }
  EXPECT_THROW(Explainer(red_or_blue(), {.layer = "mean"}), Error);
}

TEST(Explain, OneOutputIsTheScoreOfClassOneAndItsNegativeOfClassZero) {
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  Layer dense = layers::Dense({.units = 1, .activation = "sigmoid"});
  const SymbolicTensor pooled = layers::GlobalAveragePooling2D()(layers::AveragePooling2D()(input));
  const Model model(input, dense(pooled));
  dense.weights()[0]->assign(Tensor::from({3, 1}, std::vector<float>{-0.01F, 0, 0.01F}));
  const Classifier classifier(model, {});
  const Explanation zero = Explainer(classifier, {.class_index = 0}).explain(two_halves());
  const Explanation one = Explainer(classifier, {.class_index = 1}).explain(two_halves());
  EXPECT_GT(zero.heat_map.at(4, 0), zero.heat_map.at(4, 7));
  EXPECT_LT(one.heat_map.at(4, 0), one.heat_map.at(4, 7));
}

/// A classical head on the mean colour.
Classifier with_head(HeadKind kind) {
  std::vector<float> rows;
  std::vector<int> labels;
  for (int i = 0; i < 30; ++i) {
    const int label = i % 3;
    for (int c = 0; c < 3; ++c)
      rows.push_back(static_cast<float>((c == label ? 150 : 20) + (i * 7 + c * 5) % 23));
    labels.push_back(label);
  }
  const Head head = fit_head(Tensor::from({30, 3}, rows), labels, {.kind = kind, .neighbours = 5});
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  const SymbolicTensor features =
      layers::GlobalAveragePooling2D()(layers::AveragePooling2D({.name = "halves"})(input));
  return Classifier(Model(input, head(features)),
                    Json{{"class_names", {"red", "green", "blue"}}, {"output", head.output()}});
}

TEST(Explain, HeadsWithAGradientUseItAndTheOthersSayWhyNot) {
  for (const HeadKind kind : {HeadKind::logistic, HeadKind::linear_svm, HeadKind::centroid}) {
    const Explanation found = Explainer(with_head(kind)).explain(two_halves());
    EXPECT_EQ(found.method, ExplainMethod::grad_cam) << to_string(kind);
    EXPECT_EQ(found.layer, "halves");
    EXPECT_TRUE(found.why.empty());
  }
  for (const HeadKind kind : {HeadKind::knn, HeadKind::rbf_svm}) {
    const Explanation found = Explainer(with_head(kind)).explain(two_halves());
    EXPECT_EQ(found.method, ExplainMethod::occlusion) << to_string(kind);
    EXPECT_NE(found.why.find("gradient"), std::string::npos) << found.why;
    EXPECT_TRUE(found.layer.empty());
    const Explainer asked(with_head(kind), {.method = ExplainMethod::grad_cam});
    EXPECT_THROW(static_cast<void>(asked.explain(two_halves())), Error) << to_string(kind);
  }
}

TEST(Explain, WrongOptionsAreRefused) {
  EXPECT_THROW(Explainer(red_or_blue(), {.class_index = 2}), Error);
  EXPECT_THROW(Explainer(red_or_blue(), {.class_index = -1}), Error);
  EXPECT_THROW(Explainer(red_or_blue(), {.patch = 9}), Error);
  EXPECT_THROW(static_cast<void>(explain_method_from_name("gradcam")), Error);
  EXPECT_EQ(explain_method_from_name("grad-cam++"), ExplainMethod::grad_cam_plus_plus);
}

TEST(Explain, AModelWithoutFeatureMapIsExplainedByOcclusion) {
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  const Model model(input, layers::Dense({.units = 2, .activation = "softmax"})(layers::Flatten()(input)));
  const Explanation found = Explainer(Classifier(model, {})).explain(two_halves());
  EXPECT_EQ(found.method, ExplainMethod::occlusion);
  EXPECT_NE(found.why.find("feature map"), std::string::npos) << found.why;
}

TEST(Explain, GradCamPlusPlusFollowsItsFormula) {
  // One channel, 1 x 2: a = (1, 3), g = (2, -1): alpha = 4 / (2 * 4 + 8 * 4) = 0.1, weight 0.1 * 2 = 0.2.
  const Tensor map = Tensor::from({1, 1, 2, 1}, std::vector<float>{1, 3});
  const Tensor gradient = Tensor::from({1, 1, 2, 1}, std::vector<float>{2, -1});
  const Tensor plus = grad_cam_plus_plus(map, gradient);
  EXPECT_NEAR(plus.at(0, 0), 0.2, 1e-6);
  EXPECT_NEAR(plus.at(0, 1), 0.6, 1e-6);
  const Tensor plain = grad_cam(map, gradient);  // weight 0.5
  EXPECT_NEAR(plain.at(0, 1), 1.5, 1e-6);
  const Tensor heat = heat_of(Tensor::from({1, 2}, std::vector<float>{-1, 4}), {1, 2});
  EXPECT_EQ(heat.at(0, 0), 0);
  EXPECT_EQ(heat.at(0, 1), 1);
}

TEST(Explain, AnAnswerThatIsKnownIsNotComputedAgain) {
  const test::TemporaryFolder folder;
  const std::filesystem::path photo = folder.path() / "photo.png";
  data::write_png(photo, two_halves(40, 80));
  const Explainer explainer(red_or_blue());
  const Explanation computed = explainer.explain(photo);
  const std::vector<float> answer{0.25F, 0.75F};
  const Explanation given = explainer.explain(photo, answer);
  EXPECT_EQ(given.predicted.name, "blue");
  EXPECT_FLOAT_EQ(static_cast<float>(given.predicted.probability), 0.75F);
  EXPECT_EQ(given.explained.name, "blue");
  EXPECT_NEAR(given.heat_map.at(4, 7), 1, 1e-5);
  EXPECT_EQ(given.layer, computed.layer);
  EXPECT_NEAR(computed.predicted.probability, 0.5, 1e-5);
  EXPECT_THROW(static_cast<void>(explainer.explain(photo, std::vector<float>(3, 0.3F))), Error);
}

TEST(Explain, APhotoOfAFileIsThatOfItsPixels) {
  const test::TemporaryFolder folder;
  const std::filesystem::path photo = folder.path() / "photo.png";
  data::write_png(photo, two_halves(50, 90));
  const Explainer explainer(red_or_blue(), {.class_index = 0});
  const Explanation by_file = explainer.explain(photo);
  const Explanation by_pixels = explainer.explain(two_halves(50, 90));
  EXPECT_TRUE(std::ranges::equal(by_file.values.data(), by_pixels.values.data()));
  EXPECT_EQ(by_file.region.width, by_pixels.region.width);
}

TEST(Explain, TheRegionIsThePartOfThePhotoThatTheNetworkSees) {
  data::LoadPhotosOptions load{.image_size = {100, 100}};
  const Size2D photo{200, 400};
  EXPECT_EQ(region_seen(photo, load).width, 1);
  load.resize.crop_to_aspect_ratio = true;
  EXPECT_DOUBLE_EQ(region_seen(photo, load).width, 0.5);
  EXPECT_DOUBLE_EQ(region_seen(photo, load).left, 0.25);
  EXPECT_DOUBLE_EQ(region_seen(photo, load).height, 1);
  load.resize = {.pad_to_aspect_ratio = true};
  EXPECT_DOUBLE_EQ(region_seen(photo, load).height, 2);
  load.resize = {.center_crop = 0.5};
  EXPECT_DOUBLE_EQ(region_seen(photo, load).height, 0.5);
  EXPECT_DOUBLE_EQ(region_seen(photo, load).width, 0.25);
  load.resize.crop_mode = data::CropMode::border;
  EXPECT_DOUBLE_EQ(region_seen(photo, load).height, 1);
  EXPECT_DOUBLE_EQ(region_seen(photo, load).width, 0.5);
}

TEST(Explain, TheOverlayColoursOnlyWhereThereIsHeat) {
  Explanation found{.heat_map = Tensor::from({1, 2}, std::vector<float>{0, 1})};
  const Tensor photo = two_halves(4, 8);
  const Tensor picture = overlay(photo, found);
  EXPECT_EQ(picture.at<std::uint8_t>(0, 0, 0), 200);
  EXPECT_EQ(picture.at<std::uint8_t>(0, 0, 2), 0);
  EXPECT_GT(picture.at<std::uint8_t>(0, 7, 0), 150);  // yellow over blue
  EXPECT_LT(picture.at<std::uint8_t>(0, 7, 2), 130);
  EXPECT_THROW(static_cast<void>(overlay(Tensor(Shape{4, 8, 3}), found)), Error);
}

TEST(Explain, TheOverlayIsTheHeatBetweenItsPixelsAndNothingBeyondTheRegion) {
  // A map of 2 x 2 pixels over the left half of a black photo: only blue and red tell the colours apart.
  Explanation found{.heat_map = Tensor::from({2, 2}, std::vector<float>{0.25F, 1, 0, 0.5F})};
  found.region.width = 0.5;
  Tensor black(Shape{8, 16, 3}, DType::uint8);
  const Tensor picture = overlay(black, found);
  const auto sum = [&](std::int64_t y, std::int64_t x) {
    return picture.at<std::uint8_t>(y, x, 0) + picture.at<std::uint8_t>(y, x, 1) +
           picture.at<std::uint8_t>(y, x, 2);
  };
  for (std::int64_t x = 8; x < 16; ++x) EXPECT_EQ(sum(3, x), 0) << x;
  EXPECT_EQ(sum(7, 0), 0);          // heat 0
  EXPECT_GT(sum(0, 7), sum(0, 4));  // from 0.25 to 1
  EXPECT_GT(sum(0, 4), sum(0, 0));
  EXPECT_GT(sum(0, 7), sum(4, 7));  // from 1 to 0.5
  EXPECT_GT(sum(4, 7), sum(7, 7));
  found.heat_map.data()[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(overlay(black, found).at<std::uint8_t>(0, 7, 0), 0);
}

}  // namespace
}  // namespace graft
