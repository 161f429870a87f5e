// SPDX-License-Identifier: Apache-2.0
// The program with a number for each photo.
#include <fstream>

#include "small_training.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

/// Photos with a brightness, and a list of it.
class CliNumbers : public SmallTraining {
 protected:
  CliNumbers() {
    std::string text = "path,kind,brightness,minus\n";
    for (int i = 0; i < 72; ++i) {
      const int level = 10 + (i * 37) % 72 * 3;
      const std::string name = std::to_string(i) + ".ppm";
      write_picture(root() / "photos" / name, level, level, level + i % 5);
      text +=
          name + (i % 2 == 0 ? ",a," : ",b,") + std::to_string(level) + ".5," + std::to_string(-level) + "\n";
    }
    std::ofstream(root() / "photos/list.csv", std::ios::binary) << text;
  }
};

TEST_F(CliNumbers, TrainsPredictsAndEvaluates) {
  const Outcome trained = train(
      {"--labels", "photos/list.csv", "--target-column", "brightness", "--out", "run", "--plots", "figures"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_TRUE(fs::exists(root() / "figures/number.svg") && fs::exists(root() / "figures/worst.png"));
  EXPECT_EQ(read_json(root() / "run/report.json")["numbers"][0]["name"], "brightness");
  const Json all = trained.json();
  const Json figures = all["numbers"];
  EXPECT_EQ(figures["names"], Json{"brightness"});
  EXPECT_FALSE(all.contains("test_accuracy"));
  EXPECT_GT(figures["unseen"][0]["r2"].get<double>(), 0.5) << figures;
  const double half_width = figures["intervals"]["half_widths"][0].get<double>();
  EXPECT_GT(half_width, 0);
  EXPECT_TRUE(says(trained.err, "72 photos with a number: brightness from 10.5 to")) << trained.err;
  const Json result = read_json(root() / "run/result.json");
  EXPECT_EQ(result["test_accuracy"], nullptr);
  EXPECT_EQ(result["numbers"], figures);
  std::string header;
  std::ifstream(root() / "run/predictions.csv") >> header;
  EXPECT_EQ(header, "file,part,fold,answered_by,truth_brightness,answer_brightness");

  const Json photo = run({"predict", "run", "photos/7.ppm", "--json"}).json()["photos"][0];
  const Json number = photo["numbers"][0];
  EXPECT_EQ(number["name"], "brightness");
  EXPECT_NEAR(number["interval"][1].get<double>() - number["value"].get<double>(), half_width, 1e-4);
  EXPECT_EQ(number["level"], 0.9);
  EXPECT_FALSE(photo.contains("answer") || photo.contains("predictions"));
  EXPECT_TRUE(run({"predict", "run", "photos/7.ppm", "--csv"})
                  .out.starts_with("file,brightness,brightness_low,brightness_high\nphotos/7.ppm,"));
  EXPECT_TRUE(says(run({"predict", "run", "photos/7.ppm"}).out, "90 %: "));
  EXPECT_TRUE(says(run({"predict", "run", "photos/7.ppm", "--jsonl"}).out, "\"numbers\":"));
  EXPECT_EQ(run({"predict", "run", "photos", "--out", "answers.csv", "--quiet"}).code, 0);
  std::ifstream(root() / "answers.csv") >> header;
  EXPECT_EQ(header, "file,brightness,brightness_low,brightness_high");

  const Outcome judged = run({"evaluate", "run", "--labels", "photos/list.csv", "--json"});
  ASSERT_EQ(judged.code, 0) << judged.err;
  EXPECT_EQ(judged.json()["photos"], 72);
  EXPECT_GT(judged.json()["numbers"][0]["r2"].get<double>(), 0.5);
  EXPECT_EQ(read_json(root() / "photos-evaluation/report.json")["numbers"][0]["test"]["r2"],
            judged.json()["numbers"][0]["r2"]);
  const Outcome given =
      run({"evaluate", "run", "--labels", "photos/list.csv", "--out", "judged", "--plots", "plots"});
  EXPECT_TRUE(says(given.out, "mean absolute error")) << given.err;
  EXPECT_TRUE(fs::exists(root() / "judged/report.html") && fs::exists(root() / "plots/number.svg"));

  const Outcome again = run({"train", "--settings", "run", "--out", "again", "--json"});
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.json()["numbers"], figures);
}

TEST_F(CliNumbers, SeveralNumbersAndAGuessedColumn) {
  const Outcome two =
      train({"--labels", "photos/list.csv", "--target-column", "brightness,minus", "--out", "two"});
  ASSERT_EQ(two.code, 0) << two.err;
  EXPECT_EQ(two.json()["numbers"]["test"].size(), 2U);
  EXPECT_EQ(two.json()["numbers"]["test"][1]["name"], "minus");
  std::ofstream(root() / "photos/plain.csv") << [&] {
    std::string text = "file,label\n";
    for (int i = 0; i < 72; ++i) text += std::to_string(i) + ".ppm," + std::to_string(i) + ".25\n";
    return text;
  }();
  const Outcome guessed = train({"--labels", "photos/plain.csv", "--out", "guessed"});
  ASSERT_EQ(guessed.code, 0) << guessed.err;
  EXPECT_EQ(guessed.json()["numbers"]["names"], Json{"label"});
  EXPECT_TRUE(says(guessed.err, "holds numbers that are not all whole")) << guessed.err;
}

TEST_F(CliNumbers, WhatIsNotPossibleIsRefusedByName) {
  const Words list{"--labels", "photos/list.csv", "--target-column", "brightness", "--out", "no"};
  expect_options_refused(list,
                         {Words{"--recipe", "tutorial"}, Words{"--folds", "3"}, Words{"--calibrate"},
                          Words{"--head", "linear_svm"}, Words{"--class-weight", "balanced"}},
                         "not possible with numbers in place of classes");
  EXPECT_TRUE(says(train({"--labels", "photos/list.csv", "--target-column", "size", "--out", "no"}).err,
                   "target=size: list.csv has no such column"));
  ASSERT_EQ(train({"--labels", "photos/list.csv", "--target-column", "brightness", "--out", "run"}).code, 0);
  expect_commands_refused(
      {Words{"quantize", "run", "photos", "-o", "small"},
       Words{"edit", "run", "-o", "other", "--classes", "a,b"},
       Words{"explain", "run", "photos/7.ppm", "-o", "why.png"},
       Words{"predict", "run", "photos", "--out", "sorted.csv", "--sort-into", "sorted"},
       Words{"compare", "run", "run"},
       Words{"train", "photos", "--from", "run", "--label-from-name", "([0-9])[0-9]*[.]"}},
      "a model that estimates numbers");
  EXPECT_TRUE(says(run({"predict", "run", "photos/7.ppm", "--reject-below", "0.9"}).err,
                   "not possible with a model that estimates numbers"));
  EXPECT_TRUE(says(run({"advise", "--labels", "photos/list.csv", "--target-column", "brightness", "--weights",
                        "none", "--model", "mobilenet_v2"})
                       .err,
                   "photos with numbers are not possible here"));
  EXPECT_TRUE(
      says(run({"evaluate", "run", "--labels", "photos/list.csv", "--columns", "label=kind", "--json"}).err,
           "a photo has numbers or a class"));
}

}  // namespace
}  // namespace graft::test
