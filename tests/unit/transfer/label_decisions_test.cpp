// SPDX-License-Identifier: Apache-2.0
// Several labels as decisions, and what fine-tuning teaches.
#include "transfer/measure/label_decisions.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "transfer/fine_tune/tail_goal.hpp"

namespace graft::transfer {
namespace {

Tensor label_table(const std::vector<float>& values, std::int64_t width) {
  Tensor result({static_cast<std::int64_t>(values.size()) / width, width});
  std::ranges::copy(values, result.data<float>().begin());
  return result;
}

/// Forty photos with two labels: of a logit of +-1.1 three of four are right, three times as sure as that.
struct TooSure {
  Tensor logits{{40, 2}}, truth{{40, 2}};
  TooSure() {
    for (std::size_t i = 0; i < 80; ++i) {
      const bool says = i % 3 != 0;
      const bool right = i % 4 != 3;
      logits.data<float>()[i] = 3 * (says ? 1.0986123F : -1.0986123F);
      truth.data<float>()[i] = says == right ? 1.0F : 0.0F;
    }
  }
};

TEST(LabelDecisions, EachLabelIsAChoiceOfTwo) {
  const LabelDecisions found = decisions_of(label_table({1, -2, 3, 0}, 2), label_table({1, 0, 0, 1}, 2));
  EXPECT_EQ(found.truth, (std::vector<int>{1, 0, 0, 1}));
  ASSERT_EQ(found.logits.shape(), (Shape{4, 2}));
  EXPECT_EQ(found.logits.data<float>()[3], -2);
  EXPECT_EQ(found.logits.data<float>()[4], 0);
}

TEST(LabelDecisions, LogitsOfProbabilitiesComeBack) {
  const Tensor logits = label_table({-3, 0.5F, 2, 0}, 2);
  const Tensor back = logits_of_labels(sigmoid_of(logits));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(back.data<float>()[i], logits.data<float>()[i], 1e-5);
  EXPECT_NEAR(sigmoid_of(logits, 2).data<float>()[2], 1 / (1 + std::exp(-1.0)), 1e-6);
  EXPECT_TRUE(std::isfinite(logits_of_labels(label_table({1, 0}, 2)).data<float>()[0]));
}

TEST(LabelDecisions, OneTemperatureForAllLabels) {
  const TooSure photos;
  const classify::Calibration found = calibrate_labels(photos.logits, photos.truth);
  EXPECT_EQ(found.photos, 40U);
  EXPECT_NEAR(found.temperature, 3, 0.2);
  EXPECT_LT(found.loss_after, found.loss_before);
  EXPECT_NEAR(found.loss_before, several_loss(photos.logits, photos.truth), 1e-6);
  EXPECT_EQ(calibrate_labels(photos.logits.slice(0, 9), photos.truth.slice(0, 9)).temperature, 1);
}

TEST(TailGoal, SeveralLabelsAreJudgedCalibrated) {
  const TooSure photos;
  const TailGoal& goal = several_labels_goal();
  EXPECT_STREQ(goal.activation(), "sigmoid");
  EXPECT_NEAR(goal.score(photos.logits, photos.truth).loss, several_loss(photos.logits, photos.truth), 1e-12);
  EXPECT_NEAR(goal.judge(photos.logits, photos.truth, {}),
              calibrate_labels(photos.logits, photos.truth).loss_after, 1e-6);
  // All labels of a photo must be right: rows 0 to 3 have mistakes in places 3 and 7.
  EXPECT_NEAR(goal.score(photos.logits.slice(0, 4), photos.truth.slice(0, 4)).accuracy, 0.5, 1e-12);
  const Tensor logits = goal.logits(sigmoid_of(photos.logits));
  EXPECT_NEAR(logits.data<float>()[1], photos.logits.data<float>()[1], 1e-3);
}

TEST(TailGoal, TheTruthOfFurtherViewsIsThatOfThePhoto) {
  const Tensor truth = truth_of({{1}, {0, 2}}, 3);
  const Tensor all = truth_of_views(truth, 6);
  for (std::size_t i = 0; i < 18; ++i) EXPECT_EQ(all.data<float>()[i], truth.data<float>()[i % 6]) << i;
  EXPECT_EQ(classes_in(truth_of({{1}, {2}, {0}}, 3)), (std::vector<int>{1, 2, 0}));
}

}  // namespace
}  // namespace graft::transfer
