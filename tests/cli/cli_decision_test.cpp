// SPDX-License-Identifier: Apache-2.0
// Thresholds of a model's answers: chosen by training, saved in the model, used by predict and evaluate.
#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/layers.hpp"
#include "graft/model.hpp"
#include "graft/saving.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

/// Reds and blues, some of which are hard to tell, 40 of each; and a network of 8 x 8 pixels.
class CliDecision : public testing::Test {
 protected:
  CliDecision() {
    const std::vector<double> noise = u01("colours", 160);
    for (int i = 0; i < 40; ++i) {
      const auto at = static_cast<std::size_t>(4 * i);
      write("photos/red/" + std::to_string(i) + ".ppm", 90 + static_cast<int>(100 * noise[at]),
            70 + static_cast<int>(100 * noise[at + 1]), 30);
      write("photos/blue/" + std::to_string(i) + ".ppm", 70 + static_cast<int>(100 * noise[at + 2]),
            90 + static_cast<int>(100 * noise[at + 3]), 30);
    }
    const SymbolicTensor input = Input({8, 8, 3}, "image");
    SymbolicTensor x = layers::Rescaling({.scale = {1 / 127.5}, .offset = {-1}})(input);
    x = layers::GlobalAveragePooling2D()(x);
    Model(input, layers::Dense({.units = 2, .activation = "softmax", .name = "head"})(x))
        .save(folder_.path() / "own.keras");
  }
  void write(const std::string& name, int red, int green, int blue) const {
    fs::create_directories((folder_.path() / name).parent_path());
    write_picture(folder_.path() / name, red, green, blue);
  }
  [[nodiscard]] Outcome run(const std::vector<std::string>& arguments) const {
    return run_graft(arguments, folder_.path());
  }
  [[nodiscard]] Outcome train(const std::vector<std::string>& more) const {
    std::vector<std::string> words{"train", "photos", "--model", "own.keras", "--recipe",
                                   "head",  "--out",  "out",     "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  [[nodiscard]] Json metadata() const { return Classifier::open(folder_.path() / "out").metadata(); }

  TemporaryFolder folder_;
};

TEST_F(CliDecision, TheThresholdForUnknownIsSavedAndUsed) {
  const Outcome trained = train({"--reject-accuracy", "0.9"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const double threshold = metadata()["reject"]["threshold"].get<double>();
  EXPECT_GT(threshold, 0.5);
  const Json test = read_json(folder_.path() / "out/result.json")["decisions"]["test"]["reject"];
  EXPECT_EQ(test["threshold"], threshold);
  EXPECT_LT(test["answered"], test["photos"]);
  EXPECT_EQ(read_json(folder_.path() / "out/settings.json")["reject_accuracy"], 0.9);
  EXPECT_EQ(read_json(folder_.path() / "out/report.json")["facts"]["decisions"]["test"]["reject"], test);

  const Outcome sure = run({"predict", "out", "photos", "--json"});
  const Outcome careful = run({"predict", "out", "photos", "--json", "--reject"});
  ASSERT_EQ(careful.code, 0) << careful.err;
  std::size_t unknown = 0;
  const Json carefully = careful.json(), surely = sure.json();
  ASSERT_EQ(carefully["photos"].size(), 80U);
  for (const Json& photo : carefully["photos"]) {
    const bool below = photo["predictions"][0]["probability"].get<double>() < threshold;
    EXPECT_EQ(photo["unknown"], below || photo.value("unlike_training_photos", false)) << photo;
    EXPECT_EQ(photo["answer"] == "unknown", photo["unknown"].get<bool>());
    unknown += photo["unknown"].get<bool>() ? 1 : 0;
  }
  EXPECT_GT(unknown, 0U);
  EXPECT_LT(unknown, 80U);
  for (const Json& photo : surely["photos"]) EXPECT_FALSE(photo["unknown"].get<bool>());
  EXPECT_NE(run({"evaluate", "out", "photos", "--no-report"}).out.find("unknown below"), std::string::npos);
}

TEST_F(CliDecision, TextAndTableSayUnknownAndWhy) {
  ASSERT_EQ(train({}).code, 0);
  const Outcome text = run({"predict", "out", "photos/red/1.ppm", "--reject-below", "1"});
  EXPECT_NE(text.out.find("  unknown: the most probable class, "), std::string::npos) << text.out;
  const Outcome table = run({"predict", "out", "photos/red", "--reject-below", "1", "--csv"});
  ASSERT_EQ(table.code, 0) << table.err;
  std::istringstream lines(table.out);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "file,answer,unknown,most_probable,probability,distance,reason");
  std::size_t rows = 0;
  while (std::getline(lines, line)) {
    ++rows;
    EXPECT_NE(line.find(",unknown,true,"), std::string::npos) << line;
  }
  EXPECT_EQ(rows, 40U);
  EXPECT_EQ(run({"predict", "out", "photos", "--csv", "--json"}).code, 2);
  EXPECT_EQ(run({"predict", "out", "photos", "--reject-below", "2"}).code, 2);
}

TEST_F(CliDecision, AWantedRecallIsMetAndItsCostReported) {
  const Outcome trained = train({"--min-recall", "red=0.95"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  ASSERT_EQ(metadata()["min_recall"].size(), 1U);
  const Json rule = metadata()["min_recall"][0];
  EXPECT_EQ(rule["class"], "red");
  const Json found = read_json(folder_.path() / "out/result.json")["decisions"];
  const Json chosen = found["chosen_on"]["min_recall"][0];
  EXPECT_GE(chosen["recall"].get<double>(), 0.95);
  EXPECT_GE(chosen["found"], chosen["found_without"]);
  EXPECT_EQ(rule["false_alarms"], chosen["false_alarms"]);
  EXPECT_EQ(found["test"]["min_recall"][0]["recall_interval"].size(), 2U);
  EXPECT_NE(trained.out.find("false alarms"), std::string::npos) << trained.out;
  const double threshold = rule["threshold"].get<double>();
  const Json photos = run({"predict", "out", "photos", "--json"}).json()["photos"];
  for (const Json& photo : photos) {
    double red = 0;
    for (const Json& one : photo["predictions"])
      if (one["class"] == "red") red = one["probability"].get<double>();
    EXPECT_EQ(photo["answer"] == "red", red >= threshold || red > 0.5) << photo;
  }
  // The same run again, by its settings.
  ASSERT_EQ(run({"train", "--settings", "out", "--out", "again"}).code, 0);
  EXPECT_EQ(Classifier::open(folder_.path() / "again").metadata()["min_recall"][0], rule);
}

TEST_F(CliDecision, SeveralWantedRecallsAreMetTogether) {
  const Outcome trained = train({"--min-recall", "red=0.95", "--min-recall", "blue=0.95"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Json rules = metadata()["min_recall"];
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[1]["class"], "blue");
  const Json chosen = read_json(folder_.path() / "out/result.json")["decisions"]["chosen_on"]["min_recall"];
  EXPECT_GE(chosen[0]["recall"].get<double>(), 0.95);
  EXPECT_GE(chosen[1]["recall"].get<double>(), 0.95);
  const Json photos = run({"predict", "out", "photos", "--json"}).json()["photos"];
  EXPECT_FALSE(photos.empty());
  for (const Json& photo : photos) {
    for (std::size_t k = 0; k < 2; ++k) {
      double own = 0;
      for (const Json& one : photo["predictions"])
        if (one["class"] == rules[k]["class"]) own = one["probability"].get<double>();
      if (own < rules[k]["threshold"].get<double>()) continue;
      const bool also = photo.contains("answer_also") && photo["answer_also"][0] == rules[k]["class"];
      EXPECT_TRUE(photo["answer"] == rules[k]["class"] || also) << photo;
    }
  }
  ASSERT_EQ(run({"train", "--settings", "out", "--out", "again"}).code, 0);
  EXPECT_EQ(Classifier::open(folder_.path() / "again").metadata()["min_recall"], rules);
  const Outcome twice = run({"train", "photos", "--model", "own.keras", "--recipe", "head", "--out", "three",
                             "--min-recall", "red=0.9", "--min-recall", "red=0.8"});
  EXPECT_EQ(twice.code, 2);
  EXPECT_NE(twice.err.find("each class once, received 'red' twice"), std::string::npos) << twice.err;
}

TEST_F(CliDecision, ARecallThatThePhotosDoNotAllowIsRefusedBeforeTraining) {
  const Outcome refused = train({"--min-recall", "red=0.99"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("--min-recall: a recall of 99.0 % of red needs answers for at least 99"),
            std::string::npos)
      << refused.err;
  EXPECT_FALSE(fs::exists(folder_.path() / "out"));
  const Outcome absent = train({"--min-recall", "green=0.9"});
  EXPECT_EQ(absent.code, 3);
  EXPECT_NE(absent.err.find("there is no class 'green'"), std::string::npos) << absent.err;
  EXPECT_EQ(train({"--min-recall", "red"}).code, 2);
  EXPECT_EQ(train({"--reject-accuracy", "1"}).code, 2);
}

TEST_F(CliDecision, AModelWithoutAThresholdRefusesToReject) {
  write_red_or_blue(folder_.path() / "model");
  const Outcome refused = run({"predict", "model", "photos", "--reject", "--json"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("--reject"), std::string::npos) << refused.err;
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(run({"predict", "model", "photos", "--reject-below", "0.5", "--json"}).code, 0);
}

}  // namespace
}  // namespace graft::test
