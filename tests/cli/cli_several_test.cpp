// SPDX-License-Identifier: Apache-2.0
// The program with several labels on a photo.
#include <fstream>

#include "several_training.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

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

TEST_F(CliSeveral, ClassicalHeadsHaveAMachineForEachLabel) {
  const Outcome svm = train({"--labels", "photos/list.csv", "--multi-label", "--head", "linear_svm",
                             "--calibrate", "--out", "svm"});
  ASSERT_EQ(svm.code, 0) << svm.err;
  const Json head = svm.json()["facts"]["head"];
  EXPECT_EQ(head["kind"], "linear_svm") << head;
  EXPECT_GT(head["c"].get<double>(), 0);
  EXPECT_GE(head["cross_validation"]["tried"].size(), 3U);
  EXPECT_FALSE(svm.json()["facts"].contains("fine_tuning"));
  EXPECT_TRUE(svm.json()["facts"].contains("calibration"));
  EXPECT_GT(svm.json()["several_labels"]["test"]["mean_average_precision"].get<double>(), 0.3);
  const Outcome predicted = run({"predict", "svm", "photos/7.ppm", "--json"});
  EXPECT_TRUE(predicted.json()["photos"][0]["labels"].is_array()) << predicted.out << predicted.err;
  EXPECT_EQ(run({"report", "svm"}).code, 0);
  const Outcome best =
      train({"--labels", "photos/list.csv", "--multi-label", "--head", "best", "--out", "best"});
  ASSERT_EQ(best.code, 0) << best.err;
  const Json compared = best.json()["facts"]["head"]["cross_validation"]["best"];
  EXPECT_TRUE(compared.contains("logistic") && compared.contains("linear_svm")) << compared;
  const Outcome fixed = train(
      {"--labels", "photos/list.csv", "--multi-label", "--head", "logistic", "--head-c", "2", "--out", "c"});
  EXPECT_EQ(fixed.json()["facts"]["head"]["c"], 2.0) << fixed.err;
  EXPECT_EQ(fixed.json()["facts"]["head"]["cross_validation"]["tried"].size(), 1U);
}

TEST_F(CliSeveral, ALabelThatMustNotBeMissedHasALowerThreshold) {
  const Words list{"--labels", "photos/list.csv", "--multi-label"};
  const auto with = [&](const Words& more) {
    Words words = list;
    words.insert(words.end(), more.begin(), more.end());
    return train(words);
  };
  const Outcome plain = with({"--recipe", "head", "--out", "plain"});
  ASSERT_EQ(plain.code, 0) << plain.err;
  const Outcome wanted = with({"--min-recall", "red=0.95", "--out", "wanted"});
  ASSERT_EQ(wanted.code, 0) << wanted.err;
  EXPECT_TRUE(says(wanted.err, "not fine-tuned: a recall of 95.0 % of red needs answers for 19"))
      << wanted.err;
  EXPECT_TRUE(says(wanted.err, "wanted: a recall of 95.0 % of red; chosen on answers for")) << wanted.err;
  const Json before = plain.json()["several_labels"]["thresholds"],
             now = wanted.json()["several_labels"]["thresholds"];
  const Json rule = wanted.json()["several_labels"]["min_recall"][0];
  EXPECT_EQ(rule["class"], "red");
  EXPECT_EQ(rule["threshold"], now[2]);
  // A photo that is given the label is never unknown.
  for (const Json& photo :
       run({"predict", "wanted", "photos", "--json", "--reject-below", "1"}).json()["photos"]) {
    for (const Json& one : photo["predictions"]) {
      if (one["class"] != "red") continue;
      EXPECT_EQ(photo["unknown"], one["probability"].get<double>() < now[2].get<double>()) << photo;
    }
  }
  EXPECT_EQ(now[0], before[0]);
  EXPECT_EQ(now[1], before[1]);
  EXPECT_LE(now[2].get<double>(), before[2].get<double>());
  // Of the n unseen photos with red at most (n + 1) / 20 have less than the threshold.
  std::ifstream predictions(root() / "wanted/predictions.csv");
  std::size_t red = 0, missed = 0;
  for (std::string line; std::getline(predictions, line);) {
    if (says(line, ",test,") || !says(line, "red") || says(line, "file,part")) continue;
    const std::string truths = line.substr(line.find(",head,") + 6);
    if (!says(truths.substr(0, truths.find(',')), "red")) continue;
    ++red;
    missed += std::stod(line.substr(line.rfind(',') + 1)) < now[2].get<double>() - 1e-6 ? 1 : 0;
  }
  EXPECT_GE(red, 19U);
  EXPECT_LE(missed, (red + 1) / 20);
  EXPECT_TRUE(says(with({"--min-recall", "red=0.99", "--out", "no"}).err, "needs answers for at least 99"));
  EXPECT_TRUE(says(with({"--min-recall", "pink=0.9", "--out", "no"}).err, "there is no label 'pink'"));
  EXPECT_FALSE(fs::exists(root() / "no"));
}

/// The probability that all labels are right, from an answer's own probabilities.
double certainty_of(const Json& photo, const Json& thresholds) {
  const std::vector<std::string> labels{"blue", "green", "red"};
  double product = 1;
  for (const Json& one : photo["predictions"]) {
    const auto k =
        static_cast<std::size_t>(std::ranges::find(labels, one["class"].get<std::string>()) - labels.begin());
    const double p = one["probability"].get<double>();
    product *= p >= thresholds.at(k).get<double>() ? p : 1 - p;
  }
  return product;
}

TEST_F(CliSeveral, LabelsThatAreNotSureAreUnknown) {
  const Outcome trained =
      train({"--labels", "photos/list.csv", "--multi-label", "--recipe", "head", "--out", "run"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Json result = read_json(root() / "run/result.json");
  const Json chosen = result["decisions"]["chosen_on"]["reject"];
  ASSERT_TRUE(chosen.is_object()) << trained.err;
  EXPECT_LE(chosen["answered"], chosen["photos"]);
  EXPECT_EQ(result["decisions"]["test"]["reject"]["photos"], result["photos"]["test"]);
  EXPECT_EQ(read_json(root() / "run/report.json")["facts"]["decisions"], result["decisions"]);
  const double threshold = chosen["threshold"].get<double>();
  const Json thresholds = result["several_labels"]["thresholds"];

  const Outcome predicted = run({"predict", "run", "photos", "--json", "--reject"});
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  const Json photos = predicted.json()["photos"];
  EXPECT_EQ(photos.size(), 64U);
  for (const Json& photo : photos) {
    const bool unsure = certainty_of(photo, thresholds) < threshold;
    EXPECT_EQ(photo["unknown"], unsure || photo.value("unlike_training_photos", false)) << photo;
    if (photo["unknown"] == true) {
      EXPECT_EQ(photo["labels"], Json::array()) << photo;
    }
    EXPECT_EQ(photo.contains("answer_reason"), photo["unknown"]) << photo;
  }
  EXPECT_EQ(run({"predict", "run", "photos/7.ppm", "--json"}).json()["photos"][0]["unknown"], false);
  const Outcome all = run({"predict", "run", "photos/7.ppm", "--reject-below", "1"});
  EXPECT_TRUE(says(all.out, "unknown: that all labels are right has a probability of")) << all.out << all.err;
  EXPECT_FALSE(says(all.out, "%*") || says(all.out, "no label")) << all.out;
  EXPECT_TRUE(says(run({"predict", "run", "photos/7.ppm", "--reject-below", "1", "--csv"}).out, ",true,"));
  const Outcome sorted = run({"predict", "run", "photos", "--reject-below", "1", "--sort-into", "sorted"});
  EXPECT_EQ(sorted.code, 0) << sorted.err;
  EXPECT_TRUE(fs::exists(root() / "sorted/_doubtful/7.ppm"));
  EXPECT_FALSE(fs::exists(root() / "sorted/red"));

  const Outcome judged = run({"evaluate", "run", "--labels", "photos/list.csv", "--json"});
  EXPECT_EQ(judged.json()["decisions"]["reject"]["photos"], 64) << judged.err;
  EXPECT_EQ(read_json(root() / "photos-evaluation/report.json")["facts"]["decisions"]["test"],
            judged.json()["decisions"]);
  EXPECT_TRUE(
      says(run({"evaluate", "run", "--labels", "photos/list.csv", "--no-report"}).out, "unknown below "));
}

TEST_F(CliSeveral, TheReportHasFindingsAndHeatMaps) {
  fs::copy_file(root() / "photos/7.ppm", root() / "photos/copy.ppm");
  write_labels(root() / "photos/copies.csv", read_file(root() / "photos/list.csv") + "copy.ppm,green\n");
  const Outcome trained =
      train({"--labels", "photos/copies.csv", "--multi-label", "--recipe", "head", "--out", "run"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Json report = read_json(root() / "run/report.json");
  bool found = false;
  for (const Json& finding : report["inspection"]["findings"]) {
    if (finding["kind"] != "exact_duplicate" || !says(finding.dump(), "copy.ppm")) continue;
    const std::string text = finding["text"].get<std::string>();
    EXPECT_TRUE(says(text, "The same file") && says(text, "blue|green|red") && says(text, "green")) << text;
    found = true;
    // Its photos are in the page.
    for (const Json& file : finding["files"])
      EXPECT_TRUE(says(report["photos"]["items"].dump(), file.get<std::string>())) << file;
  }
  EXPECT_TRUE(found) << report["inspection"];
  EXPECT_FALSE(report["inspection"]["counts"].contains("label"));
  ASSERT_FALSE(report["heat_maps"].empty());
  EXPECT_TRUE(report["heat_maps"][0]["text"].get<std::string>().starts_with("given "));
  const Outcome plain = train({"--labels", "photos/list.csv", "--multi-label", "--recipe", "head", "--out",
                               "plain", "--no-inspection"});
  EXPECT_FALSE(read_json(root() / "plain/report.json").contains("heat_maps")) << plain.err;
}

TEST_F(CliSeveral, AnAccuracyThatThePhotosCannotShowIsNoted) {
  const Outcome trained = train({"--labels", "photos/list.csv", "--multi-label", "--recipe", "head", "--out",
                                 "run", "--reject-accuracy", "0.999"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(read_json(root() / "run/settings.json")["reject_accuracy"], 0.999);
  EXPECT_TRUE(says(trained.err, "no threshold for unknown: on ")) << trained.err;
  EXPECT_FALSE(read_json(root() / "run/result.json").contains("decisions"));
  EXPECT_TRUE(says(run({"predict", "run", "photos/7.ppm", "--reject"}).err, "no threshold below which"));
}

TEST_F(CliSeveral, FoldsAndSeedsRepeatTheRun) {
  const Outcome trained = train({"--labels", "photos/list.csv", "--multi-label", "--recipe", "head", "--out",
                                 "run", "--folds", "3", "--seeds", "2"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Json all = trained.json(), folds = all["facts"]["folds"], seeds = all["facts"]["seeds"];
  EXPECT_EQ(folds["accuracies"].size(), 3U);
  EXPECT_EQ(folds["photos"], 64);
  EXPECT_EQ(folds["mean_average_precision"]["each"].size(), 3U);
  EXPECT_EQ(seeds["accuracies"].size(), 2U);
  EXPECT_EQ(seeds["accuracies"][0], all["test_accuracy"]);
  EXPECT_EQ(seeds["mean_average_precision"]["each"][0],
            all["several_labels"]["test"]["mean_average_precision"]);
  EXPECT_TRUE(says(trained.err, "3 folds, each trained on the others: all labels right ")) << trained.err;
  // The run itself is that without them.
  const Outcome plain =
      train({"--labels", "photos/list.csv", "--multi-label", "--recipe", "head", "--out", "plain"});
  EXPECT_EQ(plain.json()["several_labels"], all["several_labels"]);
}

TEST_F(CliSeveral, ALabelOfOneFoldIsNamedBeforeTheFirstRun) {
  write_labels(root() / "photos/rare.csv", read_file(root() / "photos/list.csv") + "0.ppm,rare\n");
  const Outcome refused =
      train({"--labels", "photos/rare.csv", "--multi-label", "--folds", "3", "--out", "no"});
  EXPECT_NE(refused.code, 0);
  EXPECT_TRUE(says(refused.err, "--folds: all photos with the label 'rare' are in one fold")) << refused.err;
  EXPECT_FALSE(fs::exists(root() / "no"));
}

TEST_F(CliSeveral, QuantizesByTheLabelsThatAreGiven) {
  ASSERT_EQ(train({"--labels", "photos/list.csv", "--multi-label", "--recipe", "head", "--out", "run"}).code,
            0);
  const Outcome small = run({"quantize", "run", "photos", "-o", "small", "--most-lost", "1", "--json"});
  ASSERT_EQ(small.code, 0) << small.err;
  const Json compared = small.json();
  EXPECT_EQ(compared["photos"], 32) << compared;
  EXPECT_EQ(compared["lost"], compared["other_labels"]) << compared;
  EXPECT_FALSE(compared.contains("accuracy_float32")) << compared;
  const Outcome predicted = run({"predict", "small", "photos/7.ppm", "--precision", "int8", "--json"});
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  EXPECT_TRUE(predicted.json()["photos"][0]["labels"].is_array()) << predicted.out;
}

TEST_F(CliSeveral, WhatIsNotPossibleIsRefusedByName) {
  const Words list{"--labels", "photos/list.csv", "--multi-label", "--out", "no"};
  expect_options_refused(
      list, {Words{"--recipe", "tutorial"}, Words{"--head", "knn"}, Words{"--optimize", "balanced"}},
      "not possible with several labels on a photo");
  ASSERT_EQ(train({"--labels", "photos/list.csv", "--multi-label", "--out", "run"}).code, 0);
  expect_commands_refused({Words{"edit", "run", "-o", "other", "--classes", "a,b"}},
                          "a model that gives a photo several labels");
  EXPECT_EQ(run({"report", "run"}).code, 0);
  const Outcome compared = run({"compare", "run", "run"});
  EXPECT_TRUE(says(compared.out, "all labels right") && says(compared.out, "may be chance")) << compared.err;
  EXPECT_TRUE(says(run({"advise", "--labels", "photos/list.csv", "--multi-label", "--weights", "none",
                        "--model", "mobilenet_v2"})
                       .err,
                   "photos with several labels are not possible here"));
}

}  // namespace
}  // namespace graft::test
