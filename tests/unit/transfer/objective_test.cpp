// SPDX-License-Identifier: Apache-2.0
// What classes weigh in the loss and in choices.
#include "transfer/measure/objective.hpp"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "graft/error.hpp"

#include "transfer/measure/comparison.hpp"

namespace graft::transfer {
namespace {

const std::vector<std::string> kThreeNames{"ok", "dent", "scratch"};
/// Six photos of class 0, three of class 1, one of class 2.
const std::vector<int> kTenLabels{0, 0, 0, 0, 0, 0, 1, 1, 1, 2};

std::vector<double> weights(const Objective& objective) {
  TrainOptions options;
  options.recipe = HeadRecipe{.optimize = objective};
  return weights_of_classes(options, kTenLabels, kThreeNames);
}

double mean_over_photos(const std::vector<double>& weights) {
  double sum = 0;
  for (const int label : kTenLabels) sum += weights[static_cast<std::size_t>(label)];
  return sum / static_cast<double>(kTenLabels.size());
}

TEST(Objective, AccuracyWeighsAllPhotosTheSame) { EXPECT_TRUE(weights({}).empty()); }

TEST(Objective, BalancedGivesEachClassTheSameShare) {
  const std::vector<double> by_class = weights({.goal = Goal::balanced});
  ASSERT_EQ(by_class.size(), 3U);
  EXPECT_NEAR(6 * by_class[0], 3 * by_class[1], 1e-12);
  EXPECT_NEAR(6 * by_class[0], 1 * by_class[2], 1e-12);
  EXPECT_NEAR(mean_over_photos(by_class), 1, 1e-12);
}

TEST(Objective, RecallGivesItsClassHalfOfTheWeight) {
  const std::vector<double> by_class = weights({.goal = Goal::recall, .class_name = "dent"});
  ASSERT_EQ(by_class.size(), 3U);
  EXPECT_NEAR(3 * by_class[1], 5, 1e-12);
  EXPECT_EQ(by_class[0], by_class[2]);
  EXPECT_NEAR(mean_over_photos(by_class), 1, 1e-12);
}

TEST(Objective, NamesAreReadAndWritten) {
  for (const char* name : {"accuracy", "balanced", "recall=dent", "recall=a=b"})
    EXPECT_EQ(to_string(parse_objective(name)), name);
  for (const char* wrong : {"", "recall", "recall=", "Balanced", "f1"})
    EXPECT_THROW((void)parse_objective(wrong), Error) << wrong;
}

TEST(Objective, AClassThatThereIsNotIsNamed) {
  TrainOptions options;
  options.recipe = AutomaticRecipe{.optimize = {.goal = Goal::recall, .class_name = "rust"}};
  try {
    check_objective(options, kThreeNames);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'rust'"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("dent"), std::string::npos) << error.what();
  }
}

TEST(CalibratedLoss, CountsPhotosByTheirClassWeight) {
  // Three photos are too few for a temperature: the losses are those of the logits.
  const Tensor logits = Tensor::from({3, 2}, std::vector<float>{2, 0, 0, 1, 0, 3});
  const std::vector<int> labels{0, 0, 1};
  const auto loss = [](double margin) { return std::log1p(std::exp(-margin)); };
  EXPECT_NEAR(calibrated_loss(logits, labels, {}), (loss(2) + loss(-1) + loss(3)) / 3, 1e-6);
  const std::vector<double> by_class{0.5, 2};
  EXPECT_NEAR(calibrated_loss(logits, labels, by_class), (0.5 * loss(2) + 0.5 * loss(-1) + 2 * loss(3)) / 3,
              1e-6);
}

}  // namespace
}  // namespace graft::transfer
