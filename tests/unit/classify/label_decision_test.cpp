// SPDX-License-Identifier: Apache-2.0
// Several labels or numbers that are unknown: by how sure they are, and for photos unlike the training
// photos.
#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/answer_json.hpp"
#include "graft/classify/one_photo.hpp"
#include "graft/error.hpp"
#include "graft/evaluation.hpp"
#include "graft/layers.hpp"

#include "support.hpp"

namespace graft {
namespace {

using LabelRow = std::vector<float>;
const std::vector<std::string> kTwoLabels{"cat", "dog"};

Tensor label_table(const std::vector<float>& values, std::int64_t width) {
  Tensor result({static_cast<std::int64_t>(values.size()) / width, width});
  std::ranges::copy(values, result.data<float>().begin());
  return result;
}

TEST(LabelCertainty, IsTheProductOfTheLabelsDecisions) {
  const LabelCertainty sure = label_certainty(LabelRow{0.75F, 0.125F, 0.25F}, {0.5, 0.5, 0.2});
  EXPECT_DOUBLE_EQ(sure.probability, 0.75 * 0.875 * 0.25);
  EXPECT_EQ(sure.least, 2U);  // given from 0.2 on, and probably not there
  EXPECT_EQ(label_certainty(LabelRow{0.5F, 0.5F}, {0.5, 0.75}).least, 0U);
  const float none = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(label_certainty(LabelRow{0.9F, none}, {0.5, 0.5}).probability, 0);
  EXPECT_EQ(label_certainty(LabelRow{0.9F, none}, {0.5, 0.5}).least, 1U);
  EXPECT_THROW(static_cast<void>(label_certainty(LabelRow{0.9F}, {0.5, 0.5})), Error);
}

TEST(LabelCertainty, BelowAThresholdTheLabelsAreUnknown) {
  const std::vector<double> thresholds{0.5, 0.5};
  DecisionRules rules{.reject_below = 0.5};
  EXPECT_EQ(decide_labels(LabelRow{0.75F, 0.25F}, kTwoLabels, thresholds, rules).reason, "");  // 0.5625
  const Decision unknown = decide_labels(LabelRow{0.75F, 0.375F}, kTwoLabels, thresholds, rules);
  EXPECT_FALSE(unknown.index);
  EXPECT_NE(unknown.reason.find("46.9 %, below 50.0 %; the least certain is dog, 37.5 %"), std::string::npos)
      << unknown.reason;
  // No label is an answer too, and may be a sure one.
  EXPECT_EQ(decide_labels(LabelRow{0.01F, 0.02F}, kTwoLabels, thresholds, rules).reason, "");
  EXPECT_EQ(decide_labels(LabelRow{0.75F, 0.375F}, kTwoLabels, thresholds, {}).reason, "");
  // A label that must not be missed is never hidden.
  rules.min_recall.push_back({.wanted = {.class_name = "dog", .recall = 0.9}, .index = 1, .threshold = 0.3});
  const std::vector<double> lowered{0.5, 0.3};
  EXPECT_EQ(decide_labels(LabelRow{0.75F, 0.375F}, kTwoLabels, lowered, rules).reason, "");
  EXPECT_NE(decide_labels(LabelRow{0.6F, 0.29F}, kTwoLabels, lowered, rules).reason, "");
  EXPECT_THROW(static_cast<void>(decide_labels(LabelRow{0.75F}, kTwoLabels, thresholds, rules)), Error);
}

/// Of one label the certainty is that of the more probable of two classes: thresholds and figures are those
/// of such a classifier. 256ths are exact in float32.
TEST(LabelCertainty, OfOneLabelIsThatOfTwoClasses) {
  constexpr std::size_t kPhotos = 400;
  const std::vector<double> noise = test::u01("one label", 2 * kPhotos);
  Tensor one({kPhotos, 1}), has({kPhotos, 1}), two({kPhotos, 2});
  std::vector<int> truth;
  for (std::size_t i = 0; i < kPhotos; ++i) {
    const auto p = static_cast<float>(1 + std::floor(254 * noise[2 * i])) / 256;
    truth.push_back(noise[2 * i + 1] < static_cast<double>(p) ? 1 : 0);
    one.data<float>()[i] = p;
    has.data<float>()[i] = static_cast<float>(truth.back());
    two.data<float>()[2 * i] = 1 - p;
    two.data<float>()[2 * i + 1] = p;
  }
  // At one half the label is given, and the first of two equal classes is the answer.
  const std::vector<double> threshold{0.501};
  for (const std::optional<double>& accuracy : {std::optional<double>(), std::optional<double>(0.9)}) {
    const std::optional<double> found = find_label_reject_threshold(one, has, threshold, accuracy);
    ASSERT_TRUE(found);
    EXPECT_EQ(found, find_reject_threshold(two, truth, accuracy));
    const DecisionRules rules{.reject_below = found};
    const DecisionFigures labels = label_decision_figures(one, has, threshold, rules),
                          classes = decision_figures(two, truth, rules);
    EXPECT_EQ(labels.photos, classes.photos);
    EXPECT_EQ(labels.right, classes.right);
    EXPECT_EQ(labels.answered, classes.answered);
    EXPECT_EQ(labels.answered_right, classes.answered_right);
    EXPECT_LT(labels.answered, labels.photos);
    EXPECT_EQ(to_json(labels, rules), to_json(classes, rules));
  }
  EXPECT_FALSE(find_label_reject_threshold(one.slice(0, 19), has.slice(0, 19), threshold));  // too few
  EXPECT_THROW(static_cast<void>(find_label_reject_threshold(one, has, threshold, 1.0)), Error);
  EXPECT_THROW(static_cast<void>(find_label_reject_threshold(one, two, threshold)), Error);
  EXPECT_THROW(static_cast<void>(label_decision_figures(one, two, threshold, {})), Error);
}

TEST(LabelCertainty, APhotoIsRightWhereAllItsLabelsAre) {
  const Tensor answers = label_table({0.9F, 0.1F, 0.9F, 0.6F, 0.2F, 0.1F}, 2);
  const Tensor truth = label_table({1, 0, 1, 0, 0, 0}, 2);
  const DecisionFigures figures = label_decision_figures(answers, truth, {0.5, 0.5}, {.reject_below = 0.7});
  EXPECT_EQ(figures.right, 2U);
  EXPECT_EQ(figures.answered, 2U);  // 0.81, 0.54 and 0.72
  EXPECT_EQ(figures.answered_right, 2U);
  EXPECT_EQ(label_decision_figures(answers, truth, {0.5, 0.5}, {}).answered, 3U);
}

/// The means of red and green, over 255, and a Dense of one weight each.
Model red_and_green(const char* activation, float weight, float bias) {
  const SymbolicTensor input = Input({4, 4, 3});
  const Layer head = layers::Dense({.units = 2, .activation = activation});
  Model model(input, head(layers::GlobalAveragePooling2D()(input)));
  head.weights()[0]->assign(label_table({weight, 0, 0, weight, 0, 0}, 2));
  head.weights()[1]->assign(Tensor::full({2}, bias));
  return model;
}

Tensor plain_photo(float red, float green, float blue) {
  Tensor photo({1, 4, 4, 3});
  for (std::size_t i = 0; i < 48; i += 3) {
    photo.data<float>()[i] = red;
    photo.data<float>()[i + 1] = green;
    photo.data<float>()[i + 2] = blue;
  }
  return photo;
}

/// Training photos that are red.
TrainingFeatures red_photos() {
  TrainingFeatures known{.rows = Tensor({5, 3}), .limit = 0.5};
  for (std::int64_t i = 0; i < 5; ++i) known.rows.slice(i, i + 1).data<float>()[0] = 1;
  return known;
}

PhotoPrediction answer_of(const Classifier& classifier, const Tensor& photo, const ClassifyOptions& options) {
  classify::check_options(classifier, options);
  const BatchAnswers answers = classify::answers_with_views(classifier, photo, options);
  std::optional<double> distance;
  if (!answers.distances.empty()) distance = answers.distances.front();
  PhotoPrediction answer;
  classify::complete_answer(answer, classifier, answers.probabilities.data<float>(), distance, options);
  return answer;
}

TEST(UnknownAnswers, LabelsAreUnknownWhereTheyAreNotSureOrThePhotoIsUnlikeThoseOfTraining) {
  Json metadata{{"output", "sigmoid"},
                {"labels", "several"},
                {"class_names", {"red", "green"}},
                {"thresholds", {0.5, 0.5}}};
  const Classifier without(red_and_green("sigmoid", 0.05F, -6), metadata);
  EXPECT_THROW(static_cast<void>(answer_of(without, plain_photo(255, 0, 0), {.reject = true})), Error);
  EXPECT_FALSE(answer_of(without, plain_photo(255, 0, 0), {.reject = true, .reject_below = 0.9}).unknown);
  metadata["reject"] = {{"threshold", 0.9}};
  Classifier classifier(red_and_green("sigmoid", 0.05F, -6), metadata);
  classifier.set_training_features(red_photos());
  const PhotoPrediction sure = answer_of(classifier, plain_photo(255, 0, 0), {.reject = true});
  EXPECT_FALSE(sure.unknown);
  ASSERT_EQ(sure.labels.size(), 1U);
  const PhotoPrediction doubtful = answer_of(classifier, plain_photo(125, 0, 0), {.reject = true});
  EXPECT_TRUE(doubtful.unknown);
  EXPECT_TRUE(doubtful.labels.empty());
  EXPECT_EQ(doubtful.predictions.size(), 2U);
  EXPECT_NE(doubtful.decision.reason.find("the least certain is red"), std::string::npos);
  EXPECT_FALSE(answer_of(classifier, plain_photo(125, 0, 0), {}).unknown);
  const PhotoPrediction unlike = answer_of(classifier, plain_photo(0, 255, 0), {.reject = true});
  EXPECT_TRUE(unlike.unknown && unlike.unlike_training);
  EXPECT_EQ(unlike.decision.reason, "the photo is unlike the training photos");
  const Json json = classify::answer_json(unlike, true);
  EXPECT_EQ(json["labels"], Json::array());
  EXPECT_EQ(json["unknown"], true);
  EXPECT_EQ(json["answer_reason"], unlike.decision.reason);
  EXPECT_EQ(json["unlike_training_photos"], true);
  EXPECT_FALSE(json.contains("answer"));
  const PhotoPrediction all = answer_of(classifier, plain_photo(0, 255, 0), {});
  EXPECT_TRUE(!all.unknown && all.unlike_training && all.labels.size() == 1);
  metadata["min_recall"].push_back({{"class", "green"}, {"recall", 0.9}, {"threshold", 0.5}});
  Classifier watchful(red_and_green("sigmoid", 0.05F, -6), metadata);
  watchful.set_training_features(red_photos());
  EXPECT_FALSE(answer_of(watchful, plain_photo(0, 255, 0), {.reject = true}).unknown);
  EXPECT_TRUE(answer_of(watchful, plain_photo(0, 0, 255), {.reject = true}).unknown);
}

TEST(UnknownAnswers, NumbersAreUnknownForPhotosUnlikeThoseOfTrainingAlone) {
  const Json metadata{{"output", "numbers"}, {"class_names", {"age", "height"}}};
  Classifier classifier(red_and_green("linear", 1, 0), metadata);
  EXPECT_THROW(static_cast<void>(answer_of(classifier, plain_photo(9, 0, 0), {.reject = true})), Error);
  classifier.set_training_features(red_photos());
  const PhotoPrediction known = answer_of(classifier, plain_photo(9, 0, 0), {.reject = true});
  EXPECT_FALSE(known.unknown || known.unlike_training);
  EXPECT_EQ(classify::answer_json(known, false)["unknown"], false);
  const PhotoPrediction unlike = answer_of(classifier, plain_photo(0, 9, 0), {.reject = true});
  EXPECT_TRUE(unlike.unknown && unlike.unlike_training);
  ASSERT_EQ(unlike.numbers.size(), 2U);
  EXPECT_NEAR(unlike.numbers[1].value, 9, 1e-4);
  EXPECT_FALSE(answer_of(classifier, plain_photo(0, 9, 0), {}).unknown);
  EXPECT_THROW(
      static_cast<void>(answer_of(classifier, plain_photo(9, 0, 0), {.reject = true, .reject_below = 0.5})),
      Error);
}

}  // namespace
}  // namespace graft
