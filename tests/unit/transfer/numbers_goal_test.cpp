// SPDX-License-Identifier: Apache-2.0
// Numbers as fine-tuning sees them: in standard deviations of the training photos.
#include "transfer/numbers/numbers_goal.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "support.hpp"
#include "transfer/fine_tune/fine_tuning.hpp"
#include "transfer/numbers/numbers_head.hpp"

namespace graft {
namespace {

/// Three photos: a number of about 100, one of about 1/1000, and one that does not vary.
Tensor taught() {
  return Tensor::from({3, 3}, std::vector<float>{80, 0.001F, 7, 100, 0.003F, 7, 120, 0.002F, 7});
}

Tensor answered() {
  return Tensor::from({3, 3}, std::vector<float>{90, 0.002F, 8, 95, 0.003F, 7, 130, 0.001F, 7});
}

TEST(NumbersGoal, AllNumbersCountAlike) {
  NumbersGoal goal;
  goal.set_scale(taught());
  const Tensor truth = goal.to_training(taught());
  double squares = 0;
  for (std::size_t row = 0; row < 3; ++row) {
    const auto value = static_cast<double>(truth.data<float>()[row * 3 + 1]);
    squares += value * value / 3;
  }
  EXPECT_NEAR(squares, 1, 1e-5);
  EXPECT_EQ(truth.data<float>()[2], 0);
  EXPECT_NEAR(goal.judge(goal.to_training(answered()), truth, {}),
              numbers_loss(answered(), taught(), taught()), 1e-5);
  const HeadScore score = goal.score(goal.to_training(answered()), truth);
  EXPECT_NEAR(score.accuracy, std::max(0.0, 1 - score.loss), 1e-12);
  EXPECT_EQ(goal.score(truth, truth).accuracy, 1);
}

/// A step of Adam moves all weights at once: whatever the rate for classes, answers move by little.
TEST(RateForStep, IsTheLargestThatMovesTheAnswersByLittle) {
  std::vector<double> tried;
  const auto times = [&](double factor) {
    tried.clear();
    return [&tried, factor](double rate) {
      tried.push_back(rate);
      return factor * rate;
    };
  };
  EXPECT_EQ(rate_for_step(1e-3, 0.1, times(50)), 1e-3);
  EXPECT_EQ(tried.size(), 1U);
  EXPECT_NEAR(rate_for_step(1e-3, 0.1, times(1000)), 1e-4, 1e-12);
  EXPECT_EQ(tried.size(), 2U);
  EXPECT_NEAR(rate_for_step(9.7e-5, 0.04, times(1e8)), 4e-10, 1e-11);  // in parts of a thousand
  EXPECT_EQ(rate_for_step(0, 0.1, times(1)), 0);
  // Far out answers explode: the first trials say nothing of small steps.
  const auto explosive = [](double rate) { return std::exp(2e5 * rate) - 1; };
  const double found = rate_for_step(1e-3, 0.02, explosive);
  EXPECT_LE(explosive(found), 0.022);
  EXPECT_GE(explosive(found), 0.005);
  const auto broken = [](double rate) { return rate > 1e-5 ? std::nan("") : 1e3 * rate; };
  const double finite = rate_for_step(1e-3, 0.1, broken);
  EXPECT_LE(finite, 1e-5);
  EXPECT_GE(finite, 1e-6);
}

TEST(NumbersGoal, AloneBoundsItsSteps) {
  EXPECT_EQ(NumbersGoal().longest_step(), 0.25);
  EXPECT_FALSE(one_class_goal().longest_step());
  EXPECT_FALSE(several_labels_goal().longest_step());
}

TEST(NumbersGoal, AHeadComesBackInTheUnitsOfTheList) {
  NumbersGoal goal;
  goal.set_scale(taught());
  EXPECT_LT(test::max_difference(goal.from_training(goal.to_training(answered())).data(), answered().data()),
            1e-4);
  const LinearHead head{Tensor::from({2, 3}, std::vector<float>{1, 0.001F, 2, -3, 0.0005F, 1}),
                        Tensor::from({3}, std::vector<float>{100, 0.002F, 7})};
  const Tensor features = Tensor::from({2, 2}, std::vector<float>{1, 2, -1, 0.5F});
  // What a head of training answers is what the head of the model answers, in the other unit.
  const Tensor in_training = head_logits(goal.to_training(head), features);
  const Tensor as_model = goal.to_training(head_logits(head, features));
  EXPECT_LT(test::max_difference(in_training.data(), as_model.data()), 1e-4);
  const LinearHead back = goal.from_training(goal.to_training(head));
  EXPECT_LT(test::max_difference(back.kernel.data(), head.kernel.data()), 1e-6);
  EXPECT_LT(test::max_difference(back.bias.data(), head.bias.data()), 1e-4);
}

}  // namespace
}  // namespace graft
