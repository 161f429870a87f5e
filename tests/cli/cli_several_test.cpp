// SPDX-License-Identifier: Apache-2.0
// The program with several labels on a photo.
#include <fstream>

#include "small_training.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

void write_labels(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

/// Photos whose red, green and blue are on or off: three labels.
class CliSeveral : public SmallTraining {
 protected:
  CliSeveral() {
    std::string text = "path,labels\n";
    for (int i = 0; i < 64; ++i) {
      const int kind = i % 8;
      const auto level = [&](int bit) { return (kind & bit) != 0 ? 200 + i % 50 : i % 40; };
      const std::string name = std::to_string(i) + ".ppm";
      write_picture(root() / "photos" / name, level(1), level(2), level(4));
      std::string labels;
      for (const auto& [bit, label] : {std::pair{1, "red"}, std::pair{2, "green"}, std::pair{4, "blue"}}) {
        if ((kind & bit) != 0) labels += (labels.empty() ? "" : "|") + std::string(label);
      }
      text += name + "," + labels + "\n";
    }
    write_labels(root() / "photos/list.csv", text);
  }
};

TEST_F(CliSeveral, TrainsPredictsAndEvaluates) {
  const Outcome trained = train({"--labels", "photos/list.csv", "--multi-label", "--out", "run"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Json figures = trained.json()["several_labels"];
  EXPECT_EQ(figures["classes"], (Json{"blue", "green", "red"}));
  EXPECT_EQ(figures["thresholds"].size(), 3U);
  EXPECT_GT(figures["test"]["mean_average_precision"].get<double>(), 0.3);
  EXPECT_TRUE(says(trained.err, "3 labels, 64 photos with 96 of them")) << trained.err;
  EXPECT_FALSE(fs::exists(root() / "run/report.html"));
  std::string header;
  std::ifstream(root() / "run/predictions.csv") >> header;
  EXPECT_EQ(header, "file,part,fold,answered_by,truths,answers,blue,green,red");

  const Outcome predicted = run({"predict", "run", "photos/7.ppm", "--json"});
  const Json photo = predicted.json()["photos"][0];
  ASSERT_TRUE(photo["labels"].is_array()) << predicted.out << predicted.err;
  EXPECT_FALSE(photo.contains("answer"));
  for (const Json& one : photo["predictions"]) {
    const auto k = static_cast<std::size_t>(one["class"] == "blue" ? 0 : one["class"] == "green" ? 1 : 2);
    const bool given = std::ranges::find(photo["labels"], one["class"]) != photo["labels"].end();
    EXPECT_EQ(given, one["probability"].get<double>() >= figures["thresholds"][k].get<double>()) << one;
  }
  EXPECT_TRUE(says(run({"predict", "run", "photos/7.ppm", "--csv"}).out, "file,labels,most_probable"));

  const Outcome judged = run({"evaluate", "run", "--labels", "photos/list.csv", "--json"});
  EXPECT_EQ(judged.json()["photos"], 64) << judged.err;
  EXPECT_TRUE(judged.json()["several_labels"]["exact_match"].is_number());
  EXPECT_TRUE(says(run({"evaluate", "run", "--labels", "photos/list.csv"}).out, "mean average precision"));

  const Outcome again = run({"train", "--settings", "run", "--out", "again", "--json"});
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.json()["several_labels"], figures);
}

TEST_F(CliSeveral, WhatIsNotPossibleIsRefusedByName) {
  const Words list{"--labels", "photos/list.csv", "--multi-label", "--out", "no"};
  expect_options_refused(
      list,
      {Words{"--recipe", "tutorial"}, Words{"--folds", "3"}, Words{"--min-recall", "red=0.9"},
       Words{"--head", "linear_svm"}, Words{"--optimize", "balanced"}},
      "not possible with several labels on a photo");
  ASSERT_EQ(train({"--labels", "photos/list.csv", "--multi-label", "--out", "run"}).code, 0);
  expect_commands_refused(
      {Words{"serve", "run", "--port", "0"}, Words{"quantize", "run", "photos", "-o", "small"},
       Words{"edit", "run", "-o", "other", "--classes", "a,b"},
       Words{"train", "photos", "--from", "run", "--label-from-name", "([0-9])[0-9]*[.]"}},
      "a model that gives a photo several labels");
  EXPECT_TRUE(says(run({"predict", "run", "photos/7.ppm", "--reject-below", "0.9"}).err,
                   "not possible with a model that gives several labels"));
  EXPECT_TRUE(says(run({"report", "run"}).err, "several labels a photo"));
  EXPECT_TRUE(says(run({"advise", "--labels", "photos/list.csv", "--multi-label", "--weights", "none",
                        "--model", "mobilenet_v2"})
                       .err,
                   "photos with several labels are not possible here"));
}

}  // namespace
}  // namespace graft::test
