// SPDX-License-Identifier: Apache-2.0
// The program with several labels on a photo.
#include <csignal>
#include <fstream>
#include <map>

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
  EXPECT_TRUE(fs::exists(root() / "run/report.html"));
  const Json report = read_json(root() / "run/report.json");
  EXPECT_EQ(report["labels"][0]["classes"][0]["name"], "blue");
  EXPECT_EQ(report["labels"][0]["mean_average_precision"], figures["test"]["mean_average_precision"]);
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
  EXPECT_EQ(read_json(root() / "photos-evaluation/report.json")["labels"][0]["exact_match"],
            judged.json()["several_labels"]["exact_match"]);
  EXPECT_TRUE(says(run({"evaluate", "run", "--labels", "photos/list.csv", "--no-report"}).out,
                   "mean average precision"));
  const Outcome given =
      run({"evaluate", "run", "--labels", "photos/list.csv", "--out", "judged", "--plots", "figures"});
  EXPECT_EQ(given.code, 0) << given.err;
  EXPECT_TRUE(fs::exists(root() / "judged/report.html") && fs::exists(root() / "figures/class_counts.svg"));

  const Outcome again = run({"train", "--settings", "run", "--out", "again", "--json"});
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.json()["several_labels"], figures);
}

TEST_F(CliSeveral, FineTunesAndAnswersAsTheModelFileDoes) {
  const Outcome trained = train({"--labels", "photos/list.csv", "--multi-label", "--out", "run",
                                 "--always-fine-tune", "--epochs", "2"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Json facts = trained.json()["facts"];
  EXPECT_EQ(facts["fine_tuning"]["kept"], true) << facts.dump(1);
  EXPECT_EQ(facts["fine_tuning"]["share"], 1.0);
  const std::string history = read_file(root() / "run/history.csv");
  EXPECT_TRUE(says(history, "fine-tuning")) << history;
  EXPECT_TRUE(says(history, "val_binary_accuracy")) << history;
  std::ifstream predictions(root() / "run/predictions.csv");
  std::size_t validation = 0, tested = 0;
  for (std::string line; std::getline(predictions, line);) {
    if (says(line, ",validation,")) {
      ++validation;
      EXPECT_TRUE(says(line, ",validation,,model,")) << line;
    }
    if (!says(line, ",test,")) continue;
    // The last three fields are the probabilities of blue, green and red: those of the model file.
    ++tested;
    const std::string file = line.substr(0, line.find(','));
    const Json photo = run({"predict", "run", file, "--json"}).json()["photos"][0];
    const double red = std::stod(line.substr(line.rfind(',') + 1));
    for (const Json& one : photo["predictions"]) {
      if (one["class"] != "red") continue;
      EXPECT_NEAR(one["probability"].get<double>(), red, 1e-4) << line;
    }
  }
  EXPECT_GT(validation, 5U);
  EXPECT_GT(tested, 5U);
}

TEST_F(CliSeveral, AKilledRunContinuesToTheSameModel) {
  const auto words = [](const std::string& out, const Words& more) {
    Words all{"train",
              "photos",
              "--labels",
              "photos/list.csv",
              "--multi-label",
              "--weights",
              "none",
              "--model",
              "mobilenet_v2",
              "--image-size",
              "32",
              "--out",
              out,
              "--always-fine-tune",
              "--epochs",
              "6",
              "--checkpoint-seconds",
              "0"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  ASSERT_EQ(run(words("whole", {})).code, 0);
  ASSERT_EQ(stop_graft(words("killed", {}), root(), root() / "killed/unfinished.state", SIGKILL), -1);
  const Outcome continued = run(words("killed", {"--resume"}));
  ASSERT_EQ(continued.code, 0) << continued.err;
  EXPECT_TRUE(says(continued.err, "continuing from")) << continued.err;
  EXPECT_EQ(read_file(root() / "killed/model.keras"), read_file(root() / "whole/model.keras"));
}

TEST_F(CliSeveral, ALaterRoundKeepsPartsAndHasNewLabels) {
  ASSERT_EQ(train({"--labels", "photos/list.csv", "--multi-label", "--out", "first", "--always-fine-tune",
                   "--epochs", "1"})
                .code,
            0);
  std::string more = read_file(root() / "photos/list.csv");
  for (int i = 0; i < 16; ++i) {
    const std::string name = "grey" + std::to_string(i) + ".ppm";
    write_picture(root() / "photos" / name, 100 + i, 100 + 2 * i, 100 + i % 5);
    more += name + ",grey\n";
  }
  write_labels(root() / "photos/more.csv", more);
  const Outcome second =
      run({"train", "--labels", "photos/more.csv", "--from", "first", "--out", "second", "--json"});
  ASSERT_EQ(second.code, 0) << second.err;
  EXPECT_EQ(second.json()["several_labels"]["classes"], (Json{"blue", "green", "grey", "red"}));
  EXPECT_TRUE(says(second.err, "64 known from earlier rounds keep their part")) << second.err;
  const auto parts = [&](const std::string& folder) {
    std::map<std::string, std::string> found;
    std::ifstream file(root() / folder / "predictions.csv");
    for (std::string line; std::getline(file, line);) {
      const std::size_t comma = line.find(',');
      found[line.substr(0, comma)] = line.substr(comma + 1, line.find(',', comma + 1) - comma - 1);
    }
    return found;
  };
  const auto before = parts("first"), now = parts("second");
  for (const auto& [file, part] : before) {
    if (now.contains(file)) EXPECT_EQ(now.at(file), part) << file;
  }
  EXPECT_GE(now.size(), before.size() + 16);
  EXPECT_EQ(read_json(root() / "second/rounds.json")["rounds"].size(), 2U);
  EXPECT_TRUE(says(
      run({"train", "--labels", "photos/more.csv", "--from", "first", "--rehearse", "5", "--out", "no"}).err,
      "not possible with several labels on a photo"));
  write_labels(root() / "photos/few.csv", "path,labels\n1.ppm,red\n2.ppm,green\n3.ppm,red|green\n");
  EXPECT_TRUE(says(run({"train", "--labels", "photos/few.csv", "--from", "first", "--out", "no"}).err,
                   "no photo has the earlier model's label 'blue'"));
}

TEST_F(CliSeveral, ClassWeightsAreForTheHeadAlone) {
  const Outcome weighted = train(
      {"--labels", "photos/list.csv", "--multi-label", "--out", "weighted", "--class-weight", "balanced"});
  ASSERT_EQ(weighted.code, 0) << weighted.err;
  EXPECT_FALSE(weighted.json()["facts"].contains("fine_tuning"));
  EXPECT_TRUE(says(weighted.err, "class weights are for the head alone")) << weighted.err;
  EXPECT_NE(train({"--labels", "photos/list.csv", "--multi-label", "--out", "no", "--class-weight",
                   "balanced", "--always-fine-tune"})
                .code,
            0);
}

TEST_F(CliSeveral, CalibratesUnlessThatIsNotWanted) {
  const Outcome plain = train({"--labels", "photos/list.csv", "--multi-label", "--out", "plain", "--recipe",
                               "head", "--no-calibrate"});
  ASSERT_EQ(plain.code, 0) << plain.err;
  EXPECT_FALSE(plain.json()["facts"].contains("calibration"));
  const Outcome calibrated =
      train({"--labels", "photos/list.csv", "--multi-label", "--out", "calibrated", "--recipe", "head"});
  ASSERT_EQ(calibrated.code, 0) << calibrated.err;
  const Json found = calibrated.json()["facts"]["calibration"];
  ASSERT_TRUE(found.is_object()) << calibrated.out;
  EXPECT_LE(found["loss_after"].get<double>(), found["loss_before"].get<double>());
  // The order of answers is the same, so that average precision is.
  EXPECT_NEAR(plain.json()["several_labels"]["test"]["mean_average_precision"].get<double>(),
              calibrated.json()["several_labels"]["test"]["mean_average_precision"].get<double>(), 1e-9);
}

TEST_F(CliSeveral, WhatIsNotPossibleIsRefusedByName) {
  const Words list{"--labels", "photos/list.csv", "--multi-label", "--out", "no"};
  expect_options_refused(
      list,
      {Words{"--recipe", "tutorial"}, Words{"--folds", "3"}, Words{"--min-recall", "red=0.9"},
       Words{"--head", "linear_svm"}, Words{"--optimize", "balanced"}},
      "not possible with several labels on a photo");
  ASSERT_EQ(train({"--labels", "photos/list.csv", "--multi-label", "--out", "run"}).code, 0);
  expect_commands_refused({Words{"quantize", "run", "photos", "-o", "small"},
                           Words{"edit", "run", "-o", "other", "--classes", "a,b"}},
                          "a model that gives a photo several labels");
  EXPECT_TRUE(says(run({"predict", "run", "photos/7.ppm", "--reject-below", "0.9"}).err,
                   "not possible with a model that gives several labels"));
  EXPECT_EQ(run({"report", "run"}).code, 0);
  EXPECT_TRUE(says(run({"compare", "run", "run"}).err, "several labels"));
  EXPECT_TRUE(says(run({"advise", "--labels", "photos/list.csv", "--multi-label", "--weights", "none",
                        "--model", "mobilenet_v2"})
                       .err,
                   "photos with several labels are not possible here"));
}

}  // namespace
}  // namespace graft::test
