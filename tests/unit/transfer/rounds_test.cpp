// SPDX-License-Identifier: Apache-2.0
// What rounds are made of: a head that stays near an older one, prints of photos, the list of rounds.
#include <fstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/classify/round_record.hpp"
#include "graft/error.hpp"
#include "graft/train.hpp"
#include "graft/transfer/earlier_run.hpp"
#include "graft/transfer/logistic_head.hpp"

#include "support.hpp"

namespace graft::transfer {
namespace {

/// Three classes on three features. It takes the first two classes for each other, and knows the third by the
/// last feature.
LinearHead old_head() {
  return {Tensor::from({3, 3}, std::vector<float>{-1, 1, 0, 1, -1, 0, 0, 0, 3}),
          Tensor::from({3}, std::vector<float>{0.5F, -0.5F, 0.25F})};
}

/// Of the first two classes only.
const std::vector<int> kLabels{0, 0, 1, 1};
Tensor features() {
  return Tensor::from({4, 3}, std::vector<float>{3, 1, 0, 4, 1.5F, 0, 1, 3, 0, 0.5F, 4, 0});
}

TEST(StayNear, AStrongPullLeavesTheHeadAsItWas) {
  LogisticSolver solver(features(), kLabels, 3);
  solver.stay_near(old_head());
  const LinearHead head = solver.solve(1e6);
  EXPECT_LT(test::max_difference(head.kernel.data(), old_head().kernel.data()), 1e-4);
  EXPECT_LT(test::max_difference(head.bias.data(), old_head().bias.data()), 1e-4);
}

TEST(StayNear, AWeakPullLearnsAndKeepsWhatTheRowsDoNotShow) {
  LogisticSolver near(features(), kLabels, 3);
  near.stay_near(old_head());
  const LinearHead head = near.solve(0.1);
  EXPECT_EQ(score_head(old_head(), features(), kLabels).accuracy, 0);
  EXPECT_EQ(score_head(head, features(), kLabels).accuracy, 1);
  // A row of the third class, of which none is here: the old head knows it, the new one still does, and one
  // solved without looking back does not.
  const Tensor third = Tensor::from({1, 3}, std::vector<float>{0, 0, 5});
  const std::vector<int> label{2};
  EXPECT_EQ(score_head(old_head(), third, label).accuracy, 1);
  EXPECT_EQ(score_head(head, third, label).accuracy, 1);
  LogisticSolver free(features(), kLabels, 3);
  EXPECT_EQ(score_head(free.solve(0.1), third, label).accuracy, 0);
}

TEST(StayNear, AHeadOfAnotherSizeIsRefused) {
  LogisticSolver solver(features(), kLabels, 2);
  try {
    solver.stay_near(old_head());
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::shape_mismatch);
  }
}

TEST(Rounds, APrintTellsContentNotNames) {
  const test::TemporaryFolder folder;
  const auto write = [&](const char* name, const std::string& bytes) {
    std::ofstream(folder.path() / name, std::ios::binary) << bytes;
    return photo_print(folder.path() / name);
  };
  const std::string large(300'000, 'x');
  std::string end = large, middle = large;
  end.back() = 'y';
  middle[150'000] = 'y';
  EXPECT_EQ(write("a", large), write("b", large));
  EXPECT_NE(write("a", large), write("c", end));
  EXPECT_NE(write("a", large), write("d", large + "x"));
  EXPECT_NE(write("e", ""), "");
  EXPECT_EQ(photo_print(folder.path() / "none"), "");
}

TEST(Rounds, TheListComesBackAsItWas) {
  const test::TemporaryFolder folder;
  EXPECT_TRUE(read_rounds(folder.path()).empty());
  const std::vector<RoundRecord> rounds{{.photos = "/p",
                                         .classes = {"a", "b"},
                                         .test_accuracy = 0.75,
                                         .known = {{"/p/a/1", "a", "12-3", Part::test}}}};
  std::ofstream(folder.path() / kRoundsFile) << rounds_json(rounds).dump();
  const std::vector<RoundRecord> back = read_rounds(folder.path());
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(rounds_json(back), rounds_json(rounds));
  EXPECT_EQ(back[0].known[0].part, Part::test);
  for (const char* broken : {"", "[]", "{}", "{\"rounds\": 1}", "{\"rounds\": [{}]}", "{\"rounds\": [[[["}) {
    std::ofstream(folder.path() / kRoundsFile) << broken;
    EXPECT_THROW(static_cast<void>(read_rounds(folder.path())), Error) << broken;
  }
}

TEST(Rounds, AFileIsANetworkAndANameAnArchitecture) {
  const auto is_file = [](const std::string& model) { return is_network_file({.model = model}); };
  for (const char* file : {"net.json", "a/net.keras", "net.h5", "vgg16.keras"})
    EXPECT_TRUE(is_file(file)) << file;
  for (const char* name : {"vgg16", "mobilenet_v2", "net.txt", ""}) EXPECT_FALSE(is_file(name)) << name;
}

}  // namespace
}  // namespace graft::transfer
