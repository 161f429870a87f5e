// SPDX-License-Identifier: Apache-2.0
// From measurements to advice.
#include "transfer/fine_tune/recommend.hpp"

#include <gtest/gtest.h>

namespace graft::transfer {
namespace {

/// A trial that errs on the first `errors` of 100 photos, with a loss of 2 for each of them.
TrialResult trial(Strategy strategy, int errors) {
  TrialResult result{
      .trial = {.strategy = strategy, .first_layer = "block_7", .learning_rate = 0.5, .judged = 100}};
  for (int i = 0; i < 100; ++i) {
    result.scores.wrong.push_back(i < errors ? 1 : 0);
    result.scores.losses.push_back(i < errors ? 2 : 0.1);
  }
  result.trial.accuracy = 1 - errors / 100.0;
  return result;
}

Advice measured(double accuracy, double photos_per_class) {
  Advice advice{.photos = 1000, .photos_per_class = photos_per_class};
  advice.class_names = {"a", "b"};
  advice.many = photos_per_class >= 200;
  advice.depths = {{.layer = "last", .position = 1, .accuracy = accuracy}};
  return advice;
}

Advice recommended(double accuracy, int head, int part, int everything) {
  Advice advice = measured(accuracy, 500);
  recommend(advice, {trial(Strategy::freeze_base, head), trial(Strategy::freeze_part, part),
                     trial(Strategy::train_everything, everything)});
  return advice;
}

TEST(Recommend, AHeadWhereNothingIsClearlyBetter) {
  const Advice advice = recommended(0.99, 2, 1, 0);
  EXPECT_EQ(advice.recommended, Strategy::freeze_base);
  EXPECT_TRUE(advice.similar);
  ASSERT_EQ(advice.trials.size(), 3U);
  EXPECT_FALSE(advice.trials[2].clearly_better);
}

TEST(Recommend, AHeadWhereItErrsTooSeldomToBeBeaten) {
  EXPECT_EQ(recommended(0.97, 3, 0, 0).recommended, Strategy::freeze_base);
  EXPECT_EQ(recommended(0.96, 4, 0, 0).recommended, Strategy::freeze_part);
}

TEST(Recommend, FineTuningWhereItIsClearlyBetter) {
  const Advice part = recommended(0.7, 30, 10, 12);
  EXPECT_EQ(part.recommended, Strategy::freeze_part);
  EXPECT_FALSE(part.similar);
  EXPECT_EQ(part.learning_rate, 0.5);
  EXPECT_TRUE(part.trials[2].clearly_better);  // than the head, but not than training a part
  EXPECT_EQ(recommended(0.7, 30, 20, 5).recommended, Strategy::train_everything);
  EXPECT_EQ(recommended(0.7, 30, 40, 50).recommended, Strategy::freeze_base);
}

TEST(Recommend, WhatIsWorthTryingFollowsThePlace) {
  const Place many_unlike = place_of(4000, 10, 0.7);
  EXPECT_EQ(many_unlike.photos_per_class, 400);
  EXPECT_TRUE(many_unlike.many);
  EXPECT_FALSE(many_unlike.similar);
  ASSERT_EQ(worth_trying(many_unlike).size(), 2U);
  EXPECT_EQ(worth_trying(many_unlike)[1], Strategy::train_everything);
  // Of two classes half is guessed: 92 % is not yet 85 % of the rest.
  EXPECT_FALSE(place_of(100, 2, 0.92).similar);
  EXPECT_TRUE(place_of(100, 2, 0.93).similar);
  for (const Place& place : {place_of(100, 2, 0.6), place_of(4000, 10, 0.95)}) {
    ASSERT_EQ(worth_trying(place).size(), 1U);
    EXPECT_EQ(worth_trying(place)[0], Strategy::freeze_part);
  }
}

TEST(Recommend, TheReasonsNameTheNumbers) {
  std::string why;
  for (const std::string& line : recommended(0.7, 30, 10, 12).why) why += line + "\n";
  for (const char* words :
       {"500 a class: many", "70.0 %", "unlike", "freeze part got 90.0 %", "a head alone 70.0 %"})
    EXPECT_NE(why.find(words), std::string::npos) << words << "\n" << why;
}

TEST(Recommend, OfEqualOutcomesTheOneThatTrainsLess) {
  EXPECT_EQ(best_of({trial(Strategy::freeze_base, 3).trial, trial(Strategy::freeze_part, 3).trial,
                     trial(Strategy::train_everything, 4).trial}),
            Strategy::freeze_base);
  EXPECT_EQ(best_of({trial(Strategy::freeze_base, 3).trial, trial(Strategy::freeze_part, 4).trial,
                     trial(Strategy::train_everything, 2).trial}),
            Strategy::train_everything);
}

}  // namespace
}  // namespace graft::transfer
