// SPDX-License-Identifier: Apache-2.0
// predictions.csv is read back as it was written.
#include "graft/classify/predictions.hpp"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "graft/error.hpp"

#include "support.hpp"

namespace graft::classify {
namespace {

TEST(Predictions, AreReadBack) {
  const test::TemporaryFolder folder;
  PhotoAnswers answers{.files = {"/a/1.jpg", "/b, c/\"2\"\n.jpg"},
                       .parts = {Part::train, Part::validation},
                       .folds = {3, 0},
                       .by_model = {false, true},
                       .truth = {0, 1},
                       .probabilities = Tensor({2, 2})};
  std::ranges::copy(std::vector<float>{0.1F, 0.9F, 1e-7F, 0.9999999F}, answers.probabilities.data().begin());
  std::ofstream(folder.path() / "p.csv", std::ios::binary) << predictions_csv(answers, {"a", "b, \"c\""});
  const SavedPredictions read = read_predictions(folder.path() / "p.csv");
  EXPECT_EQ(read.class_names, (std::vector<std::string>{"a", "b, \"c\""}));
  EXPECT_EQ(read.answers.files, answers.files);
  EXPECT_EQ(read.answers.parts, answers.parts);
  EXPECT_EQ(read.answers.folds, answers.folds);
  EXPECT_EQ(read.answers.by_model, answers.by_model);
  EXPECT_EQ(read.answers.truth, answers.truth);
  EXPECT_TRUE(std::ranges::equal(read.answers.probabilities.data(), answers.probabilities.data()));
}

TEST(Predictions, BrokenLinesAreRefusedByNumber) {
  const test::TemporaryFolder folder;
  const std::string head = "file,part,fold,answered_by,truth,answer,a,b\n";
  const std::string good = "x,test,,model,a,a,1,0\n";
  for (const std::string bad : {"x,test,,model,a,a,1\n", "x,tset,,model,a,a,1,0\n", "x,test,,model,c,a,1,0\n",
                                "x,test,,model,a,a,one,0\n", "x,test,,model,a,a,nan,0\n", "\"x,test\n"}) {
    std::ofstream(folder.path() / "p.csv") << head << good << bad;
    try {
      static_cast<void>(read_predictions(folder.path() / "p.csv"));
      ADD_FAILURE() << "accepted " << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_file);
      EXPECT_NE(std::string(error.what()).find("line 3"), std::string::npos) << error.what();
    }
  }
  std::ofstream(folder.path() / "p.csv") << "photo,class\n";
  EXPECT_THROW(static_cast<void>(read_predictions(folder.path() / "p.csv")), Error);
}

}  // namespace
}  // namespace graft::classify
