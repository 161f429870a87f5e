// SPDX-License-Identifier: Apache-2.0
// The program with a number for each photo.
#include <csignal>
#include <fstream>
#include <string>

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
  const Json report = read_json(root() / "run/report.json");
  EXPECT_EQ(report["numbers"][0]["name"], "brightness");
  ASSERT_FALSE(report["heat_maps"].empty());
  EXPECT_TRUE(says(report["heat_maps"][0]["text"].get<std::string>(), "answered brightness "));
  EXPECT_TRUE(fs::exists(root() / "run/inspection/duplicates.csv"));
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
  EXPECT_TRUE(
      run({"predict", "run", "photos/7.ppm", "--csv"})
          .out.starts_with(
              "file,brightness,brightness_low,brightness_high,unknown,distance,reason\nphotos/7.ppm,"));
  EXPECT_TRUE(says(run({"predict", "run", "photos/7.ppm"}).out, "90 %: "));
  EXPECT_TRUE(says(run({"predict", "run", "photos/7.ppm", "--jsonl"}).out, "\"numbers\":"));
  EXPECT_EQ(run({"predict", "run", "photos", "--out", "answers.csv", "--quiet"}).code, 0);
  std::ifstream(root() / "answers.csv") >> header;
  EXPECT_EQ(header, "file,brightness,brightness_low,brightness_high,unknown,distance,reason");

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

TEST_F(CliNumbers, FineTunesAndAnswersInTheUnitOfTheList) {
  const Words list{"--labels", "photos/list.csv", "--target-column", "brightness,minus"};
  const auto with = [&](const Words& more) {
    Words words{"train",    "photos",       "--weights", "none",  "--model",
                "resnet18", "--image-size", "32",        "--json"};
    words.insert(words.end(), list.begin(), list.end());
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  const Outcome trained = with({"--out", "run", "--always-fine-tune", "--epochs", "2"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Json tuned = trained.json()["facts"]["fine_tuning"];
  EXPECT_EQ(tuned["kept"], true) << tuned;
  EXPECT_EQ(tuned["share"], 1.0);
  const std::string history = read_file(root() / "run/history.csv");
  EXPECT_TRUE(says(history, "fine-tuning") && says(history, "val_mean_absolute_error")) << history;
  EXPECT_TRUE(says(trained.err, "share of the variance explained")) << trained.err;
  // The numbers are about 117 and -117 on average, 0 in training: those of the model are in the unit of the
  // list, and predictions.csv has what the model file answers.
  std::ifstream predictions(root() / "run/predictions.csv");
  std::string line;
  std::getline(predictions, line);
  ASSERT_EQ(line, "file,part,fold,answered_by,truth_brightness,answer_brightness,truth_minus,answer_minus");
  std::size_t validation = 0, tested = 0;
  double brightness = 0, darkness = 0;
  while (std::getline(predictions, line)) {
    if (says(line, ",validation,")) {
      ++validation;
      EXPECT_TRUE(says(line, ",validation,,model,")) << line;
    }
    if (!says(line, ",test,")) continue;
    ++tested;
    const Json photo =
        run({"predict", "run", line.substr(0, line.find(',')), "--json"}).json()["photos"][0]["numbers"];
    const double minus = std::stod(line.substr(line.rfind(',') + 1));
    EXPECT_NEAR(photo[1]["value"].get<double>(), minus, 0.02) << line;
    brightness += photo[0]["value"].get<double>();
    darkness += minus;
  }
  EXPECT_GT(brightness / static_cast<double>(tested), 30);
  EXPECT_LT(darkness / static_cast<double>(tested), -30);
  EXPECT_GT(validation, 5U);
  EXPECT_GT(tested, 5U);
  // The validation photos are too few for a run that was not told to.
  const Outcome plain = with({"--out", "plain"});
  EXPECT_TRUE(says(plain.err, "validation photos, fewer than 20")) << plain.err;
  EXPECT_FALSE(plain.json()["facts"].contains("fine_tuning"));
}

/// The features of random weights are alike and the head's weights large: a step of the rate for classes
/// moved the answers by 1e7 standard deviations.
TEST_F(CliNumbers, FineTuningDoesNotLeaveWhatTheHeadHasLearnt) {
  for (const char* network : {"mobilenet_v2", "shufflenet_v2_x0_5", "squeezenet1_1"}) {
    const Outcome trained = run({"train", "photos", "--weights", "none", "--model", network, "--image-size",
                                 "32", "--labels", "photos/list.csv", "--target-column", "brightness,minus",
                                 "--always-fine-tune", "--epochs", "2", "--out", network, "--json"});
    ASSERT_EQ(trained.code, 0) << trained.err;
    EXPECT_TRUE(says(trained.err, "lowered so that a step moves the answers by little")) << trained.err;
    EXPECT_LT(trained.json()["facts"]["fine_tuning"]["validation_loss"].get<double>(), 0.5) << network;
    EXPECT_GT(trained.json()["numbers"]["test"][0]["r2"].get<double>(), 0.3) << network;
  }
}

/// A round of 72 photos, and one of 12 more.
TEST_F(CliNumbers, ALaterRoundKeepsPartsAndStartsFromTheEarlierNetwork) {
  ASSERT_EQ(train({"--labels", "photos/list.csv", "--target-column", "brightness", "--recipe", "head",
                   "--out", "first"})
                .code,
            0);
  std::string more = read_file(root() / "photos/list.csv");
  for (int i = 0; i < 12; ++i) {
    const int level = 12 + 17 * i;
    const std::string name = "more" + std::to_string(i) + ".ppm";
    write_picture(root() / "photos" / name, level, level + 3, level);
    more += name + ",a," + std::to_string(level) + ".5," + std::to_string(-level) + "\n";
  }
  std::ofstream(root() / "photos/more.csv", std::ios::binary) << more;
  const Outcome second =
      run({"train", "--labels", "photos/more.csv", "--from", "first", "--out", "second", "--json"});
  ASSERT_EQ(second.code, 0) << second.err;
  EXPECT_TRUE(says(second.err, "72 known from earlier rounds keep their part")) << second.err;
  EXPECT_TRUE(says(second.err, "weights as the earlier round left them")) << second.err;
  EXPECT_EQ(second.json()["numbers"]["names"], Json{"brightness"});
  const auto before = parts_in("first"), now = parts_in("second");
  EXPECT_EQ(now.size(), 84U);
  for (const auto& [file, part] : before) EXPECT_EQ(now.at(file), part) << file;
  const Json rounds = read_json(root() / "second/result.json")["rounds"];
  ASSERT_EQ(rounds.size(), 2U);
  EXPECT_EQ(rounds[0]["missing"], 0);
  EXPECT_EQ(rounds[0]["test_photos"], read_json(root() / "first/result.json")["photos"]["test"]);
  // The same network, test photos and earlier model: what it explained then it explains now.
  EXPECT_NEAR(rounds[0]["accuracy_before"].get<double>(), rounds[0]["accuracy_then"].get<double>(), 1e-3);
  EXPECT_GT(rounds[1]["accuracy"].get<double>(), 0.3);
  EXPECT_EQ(read_json(root() / "second/rounds.json")["rounds"].size(), 2U);
  const Outcome other = run({"train", "--labels", "photos/more.csv", "--target-column", "brightness,minus",
                             "--from", "first", "--out", "no"});
  EXPECT_TRUE(says(other.err, "expected a list with as many columns of them")) << other.err;
  EXPECT_FALSE(fs::exists(root() / "no"));
}

/// The parts are given, so that another number leaves the photos of each as they are: the numbers alone
/// differ.
TEST_F(CliNumbers, AKilledRunContinuesWithTheSameNumbersOnly) {
  const auto write_list = [&](const std::string& of_first) {
    std::ofstream list(root() / "photos/parts.csv", std::ios::binary);
    list << "path,size,split\n";
    for (int i = 0; i < 72; ++i)
      list << i << ".ppm," << (i == 0 ? of_first : std::to_string(i % 9) + ".5") << ','
           << (i % 6 < 4    ? "train"
               : i % 6 == 4 ? "val"
                            : "test")
           << '\n';
  };
  const auto words = [](const std::string& out, const Words& more) {
    Words all{"train",
              "photos",
              "--labels",
              "photos/parts.csv",
              "--weights",
              "none",
              "--model",
              "mobilenet_v2",
              "--epochs",
              "6",
              "--out",
              out,
              "--target-column",
              "size",
              "--image-size",
              "32",
              "--always-fine-tune",
              "--checkpoint-seconds",
              "0"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  write_list("0.5");
  ASSERT_EQ(run(words("whole", {})).code, 0);
  ASSERT_EQ(stop_graft(words("killed", {}), root(), root() / "killed/unfinished.state", SIGKILL), -1);
  write_list("0.75");
  const Outcome other = run(words("killed", {"--resume"}));
  EXPECT_NE(other.code, 0);
  EXPECT_TRUE(says(other.err, "the photos are not those of the interrupted run")) << other.err;
  write_list("0.5");
  const Outcome continued = run(words("killed", {"--resume"}));
  ASSERT_EQ(continued.code, 0) << continued.err;
  EXPECT_EQ(read_file(root() / "killed/model.keras"), read_file(root() / "whole/model.keras"));
}

TEST_F(CliNumbers, FoldsAndSeedsRepeatTheRun) {
  const Words list{"--labels", "photos/list.csv", "--target-column", "brightness,minus", "--recipe", "head"};
  const auto with = [&](const Words& more) {
    Words words = list;
    words.insert(words.end(), more.begin(), more.end());
    return train(words);
  };
  const Outcome trained = with({"--folds", "3", "--seeds", "2", "--out", "run"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Json all = trained.json(), folds = all["facts"]["folds"], seeds = all["facts"]["seeds"];
  EXPECT_EQ(folds["photos"], 72) << folds;
  EXPECT_EQ(folds["count"], 3) << folds;
  EXPECT_FALSE(folds.contains("accuracy") || folds.contains("accuracies")) << folds;
  ASSERT_EQ(folds["mean_absolute_error"].size(), 2U);
  EXPECT_EQ(folds["mean_absolute_error"][1]["each"].size(), 3U);
  EXPECT_EQ(seeds["mean_absolute_error"][0]["each"][0], all["numbers"]["test"][0]["mean_absolute_error"]);
  EXPECT_EQ(seeds["mean_absolute_error"][0]["each"].size(), 2U);
  EXPECT_TRUE(says(trained.err, "3 folds, each trained on the others: brightness: mean absolute error "))
      << trained.err;
  EXPECT_EQ(with({"--out", "plain"}).json()["numbers"], all["numbers"]);
}

TEST_F(CliNumbers, QuantizesByTheVarianceThatChanges) {
  ASSERT_EQ(train({"--labels", "photos/list.csv", "--target-column", "brightness", "--recipe", "head",
                   "--out", "run"})
                .code,
            0);
  const Outcome small = run({"quantize", "run", "photos", "-o", "small", "--most-lost", "1", "--json"});
  ASSERT_EQ(small.code, 0) << small.err;
  const Json compared = small.json();
  EXPECT_EQ(compared["photos"], 36) << compared;
  EXPECT_FALSE(compared.contains("agreement")) << compared;
  EXPECT_GT(compared["lost"].get<double>(), 0) << compared;
  // Mean absolute and mean square of one difference: in the same unit, whatever that of the list.
  EXPECT_GE(compared["lost"].get<double>(),
            compared["mean_moved"].get<double>() * compared["mean_moved"].get<double>() * 0.999)
      << compared;
  const Outcome predicted = run({"predict", "small", "photos/7.ppm", "--precision", "int8", "--json"});
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  EXPECT_EQ(predicted.json()["photos"][0]["numbers"][0]["name"], "brightness") << predicted.out;
}

TEST_F(CliNumbers, OfPhotosUnlikeThoseOfTrainingNumbersAreUnknown) {
  std::string text = "path,brightness,split\n";
  for (int i = 0; i < 72; ++i)
    text += std::to_string(i) + ".ppm," + std::to_string(10 + (i * 37) % 72 * 3) + ".5," +
            (i < 42   ? "train"
             : i < 57 ? "val"
                      : "test") +
            "\n";
  std::ofstream(root() / "photos/parts.csv", std::ios::binary) << text;
  const Outcome trained = train(
      {"--labels", "photos/parts.csv", "--target-column", "brightness", "--recipe", "head", "--out", "run"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_TRUE(says(trained.err, "photos are unlike the training photos from a distance of")) << trained.err;
  const Outcome predicted = run({"predict", "run", "photos", "--json", "--reject"});
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  std::size_t known = 0;
  const Json photos = predicted.json()["photos"];
  EXPECT_EQ(photos.size(), 72U);
  for (const Json& photo : photos) {
    ASSERT_TRUE(photo.contains("distance")) << photo;
    EXPECT_EQ(photo["unknown"], photo["unlike_training_photos"]) << photo;
    EXPECT_EQ(photo.contains("answer_reason"), photo["unknown"]) << photo;
    known += photo["unknown"] == false ? 1 : 0;
  }
  EXPECT_GT(known, 36U);
  const Json judged = run({"evaluate", "run", "--labels", "photos/list.csv", "--target-column", "brightness",
                           "--no-report", "--json"})
                          .json();
  EXPECT_EQ(judged["drift"]["photos"], 72) << judged;
  // Without features of training photos nothing says which photos a model does not know.
  std::ofstream(root() / "photos/few.csv", std::ios::binary)
      << text.substr(0, text.find("45.ppm")) << "60.ppm,5.5,test\n61.ppm,6.5,test\n";
  ASSERT_EQ(train({"--labels", "photos/few.csv", "--target-column", "brightness", "--recipe", "head", "--out",
                   "few"})
                .code,
            0);
  EXPECT_TRUE(says(run({"predict", "few", "photos/7.ppm", "--reject"}).err, "no features of these"));
}

TEST_F(CliNumbers, WhatIsNotPossibleIsRefusedByName) {
  const Words list{"--labels", "photos/list.csv", "--target-column", "brightness", "--out", "no"};
  expect_options_refused(list,
                         {Words{"--recipe", "tutorial"}, Words{"--calibrate"}, Words{"--head", "linear_svm"},
                          Words{"--class-weight", "balanced"}, Words{"--reject-accuracy", "0.9"}},
                         "not possible with numbers in place of classes");
  EXPECT_TRUE(says(train({"--labels", "photos/list.csv", "--target-column", "size", "--out", "no"}).err,
                   "target=size: list.csv has no such column"));
  ASSERT_EQ(train({"--labels", "photos/list.csv", "--target-column", "brightness", "--out", "run"}).code, 0);
  expect_commands_refused(
      {Words{"edit", "run", "-o", "other", "--classes", "a,b"},
       Words{"predict", "run", "photos", "--out", "sorted.csv", "--sort-into", "sorted"},
       Words{"train", "photos", "--from", "run", "--label-from-name", "([0-9])[0-9]*[.]"}},
      "a model that estimates numbers");
  EXPECT_TRUE(says(run({"predict", "run", "photos/7.ppm", "--reject-below", "0.9"}).err,
                   "not possible with a model that estimates numbers"));
  const Outcome explained = run({"explain", "run", "photos/7.ppm", "-o", "why.png"});
  EXPECT_EQ(explained.code, 0) << explained.err;
  EXPECT_TRUE(says(explained.out, " for brightness ")) << explained.out;
  const Json why =
      run({"explain", "run", "photos/7.ppm", "-o", "again.png", "--class", "brightness", "--json"})
          .json()["photos"][0];
  EXPECT_TRUE(why["explained"]["value"].is_number()) << why["explained"];
  const Outcome compared = run({"compare", "run", "run"});
  EXPECT_TRUE(says(compared.out, "brightness: mean absolute error") &&
              says(compared.out, "sign flips, p = 1"))
      << compared.out << compared.err;
  EXPECT_EQ(run({"compare", "run", "run", "--json"}).json()["pairs"][0]["numbers"][0]["name"], "brightness");
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
