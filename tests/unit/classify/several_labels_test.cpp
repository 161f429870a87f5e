// SPDX-License-Identifier: Apache-2.0
// Figures of several labels a photo, equal to scikit-learn 1.9.1's.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/evaluation.hpp"

namespace graft {
namespace {

constexpr std::int64_t kClasses = 4;
const std::vector<float> kTruth{1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0,
                                0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
const std::vector<float> kProbabilities{
    0.3F, 0.6F, 0.3F, 0.3F, 0.5F, 0.4F, 0.3F, 0,    0.3F, 0.6F, 0.4F, 0.8F, 1,    0.7F, 0.2F, 0.2F,
    0.7F, 0.2F, 0.8F, 0.8F, 0.7F, 0.4F, 0.9F, 0.1F, 0.2F, 0.6F, 0.6F, 0.4F, 0.1F, 0.3F, 0.5F, 0.2F,
    0.3F, 0.3F, 0.6F, 0.6F, 0.6F, 0.6F, 0.4F, 0.6F, 0.7F, 0.7F, 0.6F, 0.8F, 0,    0.7F, 0.2F, 0.4F};

Tensor table(const std::vector<float>& values, std::int64_t width = kClasses) {
  Tensor result({static_cast<std::int64_t>(values.size()) / width, width});
  std::ranges::copy(values, result.data<float>().begin());
  return result;
}

TEST(SeveralLabels, FiguresAreThoseOfScikitLearn) {
  const auto figures = several_labels_figures(table(kProbabilities), table(kTruth), {0.5, 0.3, 0.6, 0.5});
  constexpr double kNear = 1e-7;
  EXPECT_EQ(figures.photos, 12U);
  EXPECT_NEAR(figures.mean_average_precision, 0.5360119047619047, kNear);
  EXPECT_NEAR(figures.f1_micro, 0.43902439024390244, kNear);
  EXPECT_NEAR(figures.f1_macro, 0.41868686868686866, kNear);
  EXPECT_NEAR(figures.exact_match, 0.0, kNear);
  EXPECT_NEAR(figures.hamming_loss, 0.4791666666666667, kNear);
  const std::vector<double> average_precision{0.6333333333333333, 0.6190476190476191, 0.5583333333333333,
                                              0.3333333333333333};
  const std::vector<double> precision{0.33333333, 0.36363636, 0.4, 0.2};
  const std::vector<double> recall{0.4, 1.0, 0.5, 1.0};
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_NEAR(figures.classes[k].average_precision, average_precision[k], kNear) << k;
    EXPECT_NEAR(figures.classes[k].precision, precision[k], 1e-6) << k;
    EXPECT_NEAR(figures.classes[k].recall, recall[k], 1e-6) << k;
  }
}

TEST(SeveralLabels, AClassWithoutPhotosIsNoPartOfTheMeanPrecision) {
  const auto figures =
      several_labels_figures(table({0.9F, 0.9F, 0.1F, 0.2F}, 2), table({1, 0, 0, 0}, 2), {0.5, 0.5});
  EXPECT_EQ(figures.mean_average_precision, 1);
  EXPECT_EQ(figures.f1_macro, 0.5);
  EXPECT_EQ(figures.exact_match, 0.5);
  EXPECT_EQ(to_json(figures, {"a", "b"})["classes"][1]["photos"], 0);
}

TEST(SeveralLabels, ThresholdsHaveTheHighestF1) {
  std::vector<float> truth, probabilities;
  for (int i = 0; i < 20; ++i) {
    truth.push_back(i < 6 ? 1.0F : 0.0F);
    probabilities.push_back(i < 6 ? 0.3F : i < 8 ? 0.25F : 0.1F);
  }
  const auto found = find_label_thresholds(table(probabilities, 1), table(truth, 1));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0], 0.275, 1e-6);
  EXPECT_EQ(several_labels_figures(table(probabilities, 1), table(truth, 1), found).f1_macro, 1);
  truth[0] = truth[1] = 0;  // four photos have the label: too few
  EXPECT_EQ(find_label_thresholds(table(probabilities, 1), table(truth, 1))[0], 0.5);
}

TEST(SeveralLabels, NestedOnesCountTogetherByLevel) {
  const std::vector<std::string> names{"animal/cat", "animal/dog", "plant/rose", "sky"};
  // The first two photos confuse cat and dog: right at level 1. The third misses the plant.
  const Tensor truth = table({1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0});
  const Tensor probabilities =
      table({0.1F, 0.9F, 0.1F, 0, 0.8F, 0.3F, 0.4F, 0, 0.1F, 0.1F, 0.29F, 0.9F, 0.49F, 0.3F, 0.2F, 0.1F});
  const std::vector<double> thresholds{0.5, 0.5, 0.3, 0.5};
  const auto levels = several_level_figures(names, probabilities, truth, thresholds);
  ASSERT_EQ(levels.size(), 1U);
  EXPECT_EQ(levels[0].level, 1U);
  EXPECT_EQ(levels[0].names, (std::vector<std::string>{"animal", "plant", "sky"}));
  const SeveralLabelsFigures& figures = levels[0].figures;
  EXPECT_NEAR(figures.exact_match, 0.75, 1e-12);
  EXPECT_EQ(figures.classes[0].photos, 2U);
  EXPECT_EQ(figures.classes[0].answers, 2U);
  EXPECT_NEAR(figures.classes[0].average_precision, 1, 1e-12);
  EXPECT_NEAR(figures.classes[1].recall, 0.5, 1e-12);
  EXPECT_NEAR(figures.f1_micro, 2 * 4.0 / (5 + 4), 1e-12);
  EXPECT_NEAR(several_labels_figures(probabilities, truth, thresholds).exact_match, 0.25, 1e-12);
  EXPECT_TRUE(several_level_figures({"a", "b", "c", "d"}, probabilities, truth, thresholds).empty());
}

TEST(SeveralLabels, RefusesWhatDoesNotFit) {
  EXPECT_THROW((void)several_labels_figures(table(kProbabilities), table(kTruth), {0.5}), Error);
  EXPECT_THROW((void)find_label_thresholds(table(kProbabilities), table(kTruth, 2)), Error);
  EXPECT_THROW((void)find_label_thresholds(table(kProbabilities), table(kProbabilities)), Error);
  std::vector<float> broken = kProbabilities;
  broken[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW((void)find_label_thresholds(table(broken), table(kTruth)), Error);
}

}  // namespace
}  // namespace graft
