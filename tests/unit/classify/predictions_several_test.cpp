// SPDX-License-Identifier: Apache-2.0
// predictions.csv of several labels a photo, read again.
#include <fstream>

#include <gtest/gtest.h>

#include "graft/classify/predictions.hpp"
#include "graft/error.hpp"

#include "support.hpp"

namespace graft {
namespace {

const std::vector<std::string> kLabelNames{"a", "x|y", "b", "with, comma"};

PhotoAnswers three_photos() {
  PhotoAnswers answers{.files = {"/p/1.jpg", "/p/2.jpg", "/p/3.jpg"},
                       .parts = {Part::train, Part::validation, Part::test},
                       .folds = {2, 0, 0},
                       .by_model = {false, true, true},
                       .truth = {},
                       .truth_sets = {{1, 3}, {}, {0, 3}},
                       .probabilities = Tensor({3, 4})};
  for (std::size_t i = 0; i < 12; ++i) answers.probabilities.data<float>()[i] = static_cast<float>(i) / 16.0F;
  return answers;
}

class SeveralPredictions : public testing::Test {
 protected:
  [[nodiscard]] SavedPredictions read(const std::string& text) const {
    std::ofstream(folder_.path() / "predictions.csv", std::ios::binary) << text;
    return read_several_predictions(folder_.path() / "predictions.csv");
  }
  test::TemporaryFolder folder_;
};

TEST_F(SeveralPredictions, ComeBack) {
  const PhotoAnswers wrote = three_photos();
  const auto [names, answers] = read(predictions_csv(wrote, kLabelNames, {0.5, 0.5, 0.5, 0.5}));
  EXPECT_EQ(names, kLabelNames);
  EXPECT_EQ(answers.files, wrote.files);
  EXPECT_EQ(answers.parts, wrote.parts);
  EXPECT_EQ(answers.folds, wrote.folds);
  EXPECT_EQ(answers.by_model, wrote.by_model);
  EXPECT_TRUE(answers.truth.empty());
  EXPECT_EQ(answers.truth_sets[0], (std::vector<int>{1, 3}));
  EXPECT_TRUE(answers.truth_sets[1].empty());
  EXPECT_EQ(answers.truth_sets[2], (std::vector<int>{0, 3}));
  for (std::size_t i = 0; i < 12; ++i)
    EXPECT_EQ(answers.probabilities.data<float>()[i], wrote.probabilities.data<float>()[i]) << i;
}

TEST_F(SeveralPredictions, WhatIsWrongIsNamedByLine) {
  const std::string head = "file,part,fold,answered_by,truths,answers,a,b\n";
  const auto message = [&](const std::string& text) {
    try {
      static_cast<void>(read(text));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_file);
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_NE(message(head + "x,test,,model,c,,0.1,0.2\n").find("line 2"), std::string::npos);
  EXPECT_NE(message(head + "x,test,,model,c,,0.1,0.2\n").find("the labels 'c'"), std::string::npos);
  const std::string two = "file,part,fold,answered_by,truths,answers,a,b,a|b\n";
  EXPECT_NE(message(two + "x,test,,model,a|b,,0.1,0.2,0.3\n").find("two ways"), std::string::npos);
  EXPECT_NE(message(head + "x,test,,model,a|,,0.1,0.2\n").find("the labels 'a|'"), std::string::npos);
  EXPECT_NE(message(head + "x,test,,model,a,,0.1\n").find("7 fields"), std::string::npos);
  EXPECT_NE(message(head + "x,later,,model,a,,0.1,0.2\n").find("'later'"), std::string::npos);
  EXPECT_NE(message(head + "x,test,,model,a,,nan,0.2\n").find("not a number"), std::string::npos);
  EXPECT_NE(message("file,part\n").find("other columns"), std::string::npos);
  EXPECT_NE(message("").find("other columns"), std::string::npos);
}

}  // namespace
}  // namespace graft
