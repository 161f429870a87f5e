// SPDX-License-Identifier: Apache-2.0
// Answers by heads that have not seen the photo, and the file that keeps them.
#include "transfer/head/held_out.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "graft/classify/predictions.hpp"
#include "graft/evaluation.hpp"

#include "support.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/head/head_choice.hpp"

namespace graft::transfer {
namespace {

constexpr std::size_t kTrain = 50, kValidation = 10;

/// Two classes in turn, of columns of noise: of 100 a head learns them by heart.
HeadData noise(std::size_t columns = 100) {
  const auto rows = [&](std::size_t count, const std::string& key) {
    const std::vector<double> values = test::u01(key, count * columns);
    Tensor tensor({static_cast<std::int64_t>(count), static_cast<std::int64_t>(columns)});
    for (std::size_t i = 0; i < values.size(); ++i) tensor.data()[i] = static_cast<float>(values[i]);
    return tensor;
  };
  HeadData data{.train = rows(kTrain, "train"), .validation = rows(kValidation, "validation"), .classes = 2};
  for (std::size_t i = 0; i < kTrain; ++i) data.train_labels.push_back(static_cast<int>(i % 2));
  for (std::size_t i = 0; i < kValidation; ++i) data.validation_labels.push_back(static_cast<int>(i % 2));
  return data;
}

TEST(HeldOutHeads, EachPhotoIsAnsweredOnceByAHeadThatHasNotSeenIt) {
  const HeadData data = noise();
  HeldOutHeads heads(data, make_folds(data));
  const UnseenAnswers answers = heads.solve(0.001);
  EXPECT_EQ(std::set(answers.photos.begin(), answers.photos.end()).size(), kTrain + kValidation);
  ASSERT_EQ(answers.photos.size(), kTrain + kValidation);
  for (std::size_t i = 0; i < answers.photos.size(); ++i) {
    EXPECT_EQ(answers.folds[i] == 0, answers.photos[i] >= kTrain);
    EXPECT_EQ(answers.labels[i], static_cast<int>(answers.photos[i] % 2));
  }
  // By heart all training photos are right; unseen ones are not.
  EXPECT_EQ(score_head(heads.of_training(), data.train, data.train_labels).accuracy, 1);
  EXPECT_LT(scores_of_answers(answers).mean().accuracy, 0.8);
}

TEST(HeldOutHeads, FewPhotosOfEachClassMakeFoldsToo) {
  HeadData data;
  data.classes = 40;
  for (int label = 0; label < 40; ++label)  // two to four, as parts by content leave them
    for (int i = 0; i < 2 + label % 3; ++i) data.train_labels.push_back(label);
  const std::vector<std::vector<std::size_t>> folds = make_folds(data);
  ASSERT_EQ(folds.size(), 5U);
  std::set<std::size_t> all;
  for (const auto& fold : folds) {
    EXPECT_GT(fold.size(), 15U);
    all.insert(fold.begin(), fold.end());
  }
  EXPECT_EQ(all.size(), data.train_labels.size());
  // One photo of each class: without it nothing is known of the class.
  data.train_labels = {0, 1, 2, 3};
  EXPECT_TRUE(make_folds(data).empty());
}

TEST(HeldOutHeads, OnlyTheJudgedPhotosCountAndByTheirClassWeight) {
  HeadData data = noise();
  const UnseenAnswers answers = HeldOutHeads(data, make_folds(data)).solve(0.1);
  data.judged.assign(kTrain + kValidation, false);
  for (const std::size_t photo : {3U, 4U, 55U}) data.judged[photo] = true;
  const HeadTrial plain = trial_of(0.1, answers, data);
  EXPECT_EQ(plain.losses.size(), 3U);
  data.class_weights = {2, 0.5};
  const HeadTrial weighted = trial_of(0.1, answers, data);
  double sum = 0;  // photo 4 is of class 0, photos 3 and 55 of class 1; validation photos come first
  for (std::size_t i = 0; i < 3; ++i) sum += weighted.losses[i] / plain.losses[i];
  EXPECT_NEAR(sum, 2 + 0.5 + 0.5, 1e-9);
  data.judged.assign(kTrain + kValidation, false);
  EXPECT_EQ(trial_of(0.1, answers, data).loss(), 0);
}

TEST(HeldOutHeads, ManyPhotosGetTheirAnswersOnceTheStrengthIsChosen) {
  const HeadData data = noise();
  static const TrainOptions options;
  static Reporter reporter(options);
  HeadChoice choice = choose_head(data, reporter, "head");
  const UnseenAnswers by_search = choice.answers;
  // As where the strength was chosen by the validation photos only.
  choice.cross_validated = false;
  choice.answers = HeldOutHeads(data, {}).solve(choice.trial.l2);
  EXPECT_EQ(choice.answers.photos.size(), kValidation);
  const UnseenAnswers after = answers_for_all(data, choice);
  EXPECT_EQ(after.photos, by_search.photos);
  EXPECT_EQ(after.folds, by_search.folds);
  EXPECT_LT(test::max_difference(after.logits.data(), by_search.logits.data()),
            0.05);  // two starts of one solver
}

TEST(HeldOutHeads, AClassThatCountsMoreIsFoundMoreOften) {
  HeadData data = noise(2);
  for (std::size_t i = 0; i < kTrain; ++i) data.train_labels[i] = i % 10 == 0 ? 1 : 0;
  const auto answered_one = [&] {
    const UnseenAnswers answers = HeldOutHeads(data, make_folds(data)).solve(1);
    std::size_t count = 0;
    for (std::size_t i = 0; i < answers.photos.size(); ++i)
      count += answers.logits.data()[2 * i + 1] > answers.logits.data()[2 * i] ? 1 : 0;
    return count;
  };
  const std::size_t plain = answered_one();
  data.class_weights = {0.5556, 5};
  EXPECT_GT(answered_one(), plain + 10);
}

TEST(PredictionsCsv, HasALineForEachAnswerAndQuotesNames) {
  PhotoAnswers answers{.files = {"a/1.jpg", "b, c/\"2\".jpg", "a/3.jpg"},
                       .parts = {Part::train, Part::test, Part::train},
                       .folds = {3, 0, 0},
                       .by_model = {false, true, true},
                       .truth = {0, 1, 0},
                       .probabilities = Tensor({3, 2})};
  std::ranges::copy(std::vector<float>{0.25F, 0.75F, 0.125F, 0.875F, 1, 0},
                    answers.probabilities.data().begin());
  EXPECT_EQ(predictions_csv(answers, {"a", "b, c"}),
            "file,part,fold,answered_by,truth,answer,a,\"b, c\"\n"
            "a/1.jpg,train,3,head,a,\"b, c\",0.25,0.75\n"
            "\"b, c/\"\"2\"\".jpg\",test,,model,\"b, c\",\"b, c\",0.125,0.875\n"
            "a/3.jpg,train,,model_seen,a,a,1,0\n");
}

}  // namespace
}  // namespace graft::transfer
