// SPDX-License-Identifier: Apache-2.0
// The figures of a set of answers, against values worked out by hand.
#include "report/answer_figures.hpp"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "run_folder.hpp"

namespace graft::report {
namespace {

std::vector<std::size_t> all_rows(const PhotoAnswers& answers) {
  std::vector<std::size_t> rows(answers.files.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

TEST(AnswerFigures, PrecisionRecallAndF1) {
  // Class 0: three photos, one taken for 1. Class 1: two photos, both found.
  const PhotoAnswers answers = test::two_classes({0, 0, 0, 1, 1}, {0.1F, 0.2F, 0.9F, 0.8F, 0.6F});
  const AnswerFigures figures = figures_of(answers, answers_of(answers), all_rows(answers));
  EXPECT_EQ(figures.evaluation.right, 4U);
  EXPECT_NEAR(figures.classes.recall[0], 2.0 / 3, 1e-12);
  EXPECT_NEAR(figures.classes.precision[1], 2.0 / 3, 1e-12);
  EXPECT_NEAR(figures.f1[0], 0.8, 1e-12);  // 2 · (1 · 2/3) / (1 + 2/3)
  EXPECT_NEAR(figures.f1[1], 0.8, 1e-12);
  ASSERT_EQ(figures.mistakes.size(), 1U);
  EXPECT_EQ(figures.mistakes[0].first, std::pair(0, 1));
}

/// 200 photos of two classes with probabilities from 0 to 1.
PhotoAnswers spread_answers() {
  std::vector<int> truth;
  std::vector<float> of_one;
  for (int i = 0; i < 200; ++i) {
    of_one.push_back(static_cast<float>(i % 97) / 96.0F);
    truth.push_back((i * 7) % 5 < 3 ? 1 : 0);
  }
  return test::two_classes(truth, of_one);
}

TEST(AnswerFigures, BinsGiveTheCalibrationError) {
  const PhotoAnswers answers = spread_answers();
  const AnswerFigures figures = figures_of(answers, answers_of(answers), all_rows(answers));
  double error = 0;
  std::size_t photos = 0;
  for (const ReliabilityBin& bin : figures.bins) {
    error += static_cast<double>(bin.photos) * std::abs(bin.accuracy - bin.probability);
    photos += bin.photos;
    if (bin.photos == 0) continue;
    EXPECT_LE(bin.probability, bin.high + 1e-6);
    EXPECT_GT(bin.probability, bin.low - 1e-6);
  }
  EXPECT_EQ(photos, 200U);
  EXPECT_NEAR(error / 200, figures.evaluation.calibration_error, 1e-9);
}

TEST(AnswerFigures, ReliabilityIsScikitLearns) {
  const PhotoAnswers answers = spread_answers();
  const AnswerFigures figures = figures_of(answers, answers_of(answers), all_rows(answers));
  // calibration_curve(right, probability of the answer, n_bins=15, strategy="uniform") of scikit-learn 1.9.1.
  struct Bin {
    std::size_t photos;
    double probability, accuracy;
  };
  const std::vector<Bin> wanted{{14, 0.517857143, 0.500000000}, {24, 0.567708333, 0.458333333},
                                {26, 0.633012817, 0.538461538}, {26, 0.700320514, 0.461538462},
                                {24, 0.765625005, 0.541666667}, {28, 0.833333330, 0.464285714},
                                {24, 0.901041667, 0.541666667}, {34, 0.969669118, 0.500000000}};
  std::vector<ReliabilityBin> filled;
  for (const ReliabilityBin& bin : figures.bins)
    if (bin.photos > 0) filled.push_back(bin);
  ASSERT_EQ(filled.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(filled[i].photos, wanted[i].photos) << i;
    EXPECT_NEAR(filled[i].probability, wanted[i].probability, 1e-6) << i;
    EXPECT_NEAR(filled[i].accuracy, wanted[i].accuracy, 1e-6) << i;
  }
  EXPECT_NEAR(figures.evaluation.calibration_error, 0.25921875, 1e-6);
}

TEST(AnswerFigures, CoverageCountsTheAnswersFromAThresholdOn) {
  const PhotoAnswers answers = test::two_classes({0, 1, 0, 1}, {0.05F, 0.97F, 0.8F, 0.3F});
  // Probabilities of the answers: 0.95 right, 0.97 right, 0.8 wrong, 0.7 wrong.
  const AnswerFigures figures = figures_of(answers, answers_of(answers), all_rows(answers));
  const auto at = [&](double threshold) {
    for (const CoveragePoint& point : figures.coverage) {
      if (std::abs(point.threshold - threshold) < 1e-9) return std::pair(point.answered, point.right);
    }
    return std::pair(std::size_t{99}, std::size_t{99});
  };
  EXPECT_EQ(at(0), std::pair(std::size_t{4}, std::size_t{2}));
  EXPECT_EQ(at(0.75), std::pair(std::size_t{3}, std::size_t{2}));
  EXPECT_EQ(at(0.9), std::pair(std::size_t{2}, std::size_t{2}));
  EXPECT_EQ(at(0.96), std::pair(std::size_t{1}, std::size_t{1}));
  EXPECT_EQ(at(0.99), std::pair(std::size_t{0}, std::size_t{0}));
}

TEST(AnswerSets, TestPhotosComeFirstAndSeenPhotosAreApart) {
  PhotoAnswers answers = test::two_classes({0, 1, 0}, {0.1F, 0.9F, 0.2F});
  answers.parts = {Part::train, Part::test, Part::validation};
  answers.by_model = {false, true, true};
  const std::vector<AnswerSet> training = answer_sets(answers, false);
  ASSERT_EQ(training.size(), 2U);
  EXPECT_EQ(training[0].name, "test");
  EXPECT_EQ(training[0].rows, std::vector<std::size_t>{1});
  EXPECT_EQ(training[1].name, "training");
  const std::vector<AnswerSet> evaluation = answer_sets(answers, true);
  EXPECT_EQ(evaluation[0].title, "Photos the model has not seen");
  EXPECT_EQ(evaluation[1].name, "seen");
  // A training photo that the model itself answered for, which was trained on it, is none to judge by.
  answers.by_model[0] = true;
  const std::vector<AnswerSet> by_gradient = answer_sets(answers, false);
  ASSERT_EQ(by_gradient.size(), 3U);
  EXPECT_EQ(by_gradient[2].name, "seen");
  EXPECT_EQ(by_gradient[2].rows, std::vector<std::size_t>{0});
  answers.parts.assign(3, Part::test);
  ASSERT_EQ(answer_sets(answers, true).size(), 1U);
  EXPECT_EQ(answer_sets(answers, true)[0].title, "All photos");
}

}  // namespace
}  // namespace graft::report
