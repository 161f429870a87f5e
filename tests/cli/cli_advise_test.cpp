// SPDX-License-Identifier: Apache-2.0
// graft advise, on pictures of one colour and a network without pretrained weights.
#include <gtest/gtest.h>

#include "graft/base/json.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

std::string red_and_blue(const std::filesystem::path& folder) {
  for (int i = 0; i < 16; ++i) {
    const std::string name = "/" + std::to_string(10 + i) + ".ppm";
    write_picture(folder.string() + "/red" + name, 200 + i, 10, 3 * i);
    write_picture(folder.string() + "/blue" + name, 3 * i, 10, 200 + i);
  }
  return folder.string();
}

TEST(CliAdvise, RecommendsAFrozenBaseWhenItsHeadSuffices) {
  const TemporaryFolder folder;
  const std::string photos = red_and_blue(folder.path() / "photos");
  const Outcome outcome = run_graft({"advise", photos, "--model", "mobilenet", "--weights", "none",
                                     "--image-size", "32", "--exhaustive", "--json", "--threads", "1"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json advice = outcome.json();
  EXPECT_EQ(advice["recommended"]["strategy"], "freeze the whole base");
  EXPECT_EQ(advice["size"], "few");
  EXPECT_GE(advice["depths"].size(), 3U);
  ASSERT_EQ(advice["trials"].size(), 3U);
  EXPECT_EQ(advice["trials"][2]["strategy"], "train everything");
  EXPECT_EQ(advice["trials"][2]["first_layer"], "conv1");
  ASSERT_EQ(advice["outcomes"].size(), 3U);
  for (const Json& outcome_in_full : advice["outcomes"]) EXPECT_EQ(outcome_in_full["judged_by"], 5);
  EXPECT_EQ(advice["best"], "freeze the whole base");
}

TEST(CliAdvise, PrintsASummary) {
  const TemporaryFolder folder;
  const std::string photos = red_and_blue(folder.path() / "photos");
  const Outcome outcome = run_graft({"advise", photos, "--model", "mobilenet", "--weights", "none",
                                     "--image-size", "32", "--threads", "1"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  for (const char* words : {"2 classes", "% deep", "train everything", "unseen photos", "recommended: "})
    EXPECT_NE(outcome.out.find(words), std::string::npos) << words << "\n" << outcome.out;
}

TEST(CliAdvise, ABudgetLimitsTheTrials) {
  const TemporaryFolder folder;
  const std::string photos = red_and_blue(folder.path() / "photos");
  const Outcome outcome = run_graft({"advise", photos, "--model", "mobilenet", "--weights", "none",
                                     "--image-size", "32", "--budget", "1m", "--json", "--threads", "1"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  // With few photos the budget allows the maximal number of epochs.
  EXPECT_EQ(outcome.json()["trials"][1]["epochs"], 10);
}

TEST(CliAdvise, TrainAcceptsABudget) {
  const TemporaryFolder folder;
  const std::string photos = red_and_blue(folder.path() / "photos");
  const std::string out = folder.path().string() + "/out";
  const Outcome outcome = run_graft({"train", photos, "--model", "mobilenet", "--weights", "none",
                                     "--image-size", "32", "--budget", "0.5m", "--out", out, "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["facts"]["advice"]["decided_by"], "time");
  EXPECT_NE(outcome.json()["notes"].dump().find("a budget of 30 s"), std::string::npos);
  for (const char* wrong : {"0", "-5", "2 weeks", "m", "", "nan"})
    EXPECT_EQ(run_graft({"train", photos, "--budget", wrong, "--out", out + "2"}).code, 2) << wrong;
  const Outcome contradiction =
      run_graft({"train", photos, "--budget", "9s", "--recipe", "tutorial", "--out", out + "2"});
  EXPECT_EQ(contradiction.code, 2);
  EXPECT_NE(contradiction.err.find("--budget"), std::string::npos) << contradiction.err;
  EXPECT_EQ(run_graft({"train", photos, "--budget", "9s", "--resume", "--out", out}).code, 2);
}

TEST(CliAdvise, InvalidArgumentsAreReported) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_graft({"advise", folder.path().string() + "/none"}).code, 3);
  EXPECT_EQ(run_graft({"advise", folder.path().string(), "--model", "no_such_model"}).code, 3);
  EXPECT_EQ(run_graft({"advise"}).code, 2);
}

}  // namespace
}  // namespace graft::test
