// SPDX-License-Identifier: Apache-2.0
// graft train with classical heads and evaluation options, and graft features for other programs.
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

using Words = std::vector<std::string>;

/// Red and blue pictures, `each` of both.
void write_colors(const std::filesystem::path& folder, int each = 12) {
  for (int i = 0; i < each; ++i) {
    write_picture(folder / "red" / (std::to_string(i) + ".ppm"), 200 + 4 * i, 10 * i, 0);
    write_picture(folder / "blue" / (std::to_string(i) + ".ppm"), 0, 10 * i, 200 + 4 * i);
  }
}

Words train_words(const Words& more) {
  Words words{"train", "colors", "--weights", "none", "--image-size", "32", "--quiet", "--json"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(CliHeads, EachHeadIsTrainedSavedAndPredicts) {
  const TemporaryFolder folder;
  write_colors(folder.path() / "colors");
  for (const std::string head : {"centroid", "rbf_svm", "knn"}) {
    const Outcome trained = run_graft(train_words({"--head", head, "--out", head}), folder.path());
    ASSERT_EQ(trained.code, 0) << trained.err;
    const Json facts = trained.json().at("facts").at("head");
    EXPECT_EQ(facts.at("kind"), head);
    EXPECT_EQ(facts.at("cross_validation").at("folds"), 5);
    EXPECT_EQ(facts.at("cross_validation").at("tried").size(), head == "knn"        ? 5U
                                                               : head == "centroid" ? 1U
                                                                                    : 15U);
    const Outcome measured = run_graft({"evaluate", head, "colors", "--json"}, folder.path());
    ASSERT_EQ(measured.code, 0) << measured.err;
    EXPECT_GT(measured.json().at("accuracy").get<double>(), 0.9) << head;
    const Outcome predicted = run_graft({"predict", head, "colors/red/3.ppm", "--json"}, folder.path());
    EXPECT_EQ(predicted.json()["photos"][0]["predictions"][0]["name"], "red")
        << predicted.out << predicted.err;
  }
}

TEST(CliHeads, BestComparesAllHeadsAndSettingsCanBeFixed) {
  const TemporaryFolder folder;
  write_colors(folder.path() / "colors");
  const Json best = run_graft(train_words({"--head", "best", "--out", "best"}), folder.path()).json();
  EXPECT_EQ(best.at("facts").at("head").at("cross_validation").at("best").size(), 5U);
  EXPECT_EQ(best.at("facts").at("head").at("cross_validation").at("tried").size(), 30U);
  const Json fixed = run_graft(train_words({"--head", "rbf_svm", "--head-c", "3", "--head-gamma", "0.5",
                                            "--class-weight", "balanced", "--out", "fixed"}),
                               folder.path())
                         .json();
  EXPECT_EQ(fixed.at("facts").at("head").at("c"), 3);
  EXPECT_EQ(fixed.at("facts").at("head").at("gamma"), 0.5);
  EXPECT_EQ(fixed.at("facts").at("head").at("class_weight"), "balanced");
  EXPECT_EQ(fixed.at("facts").at("head").at("cross_validation").at("tried").size(), 1U);
}

TEST(CliHeads, InvalidOptionsAreRefused) {
  const TemporaryFolder folder;
  write_colors(folder.path() / "colors", 3);
  for (const Words& more :
       {Words{"--head", "forest"}, Words{"--head", "knn", "--head-neighbours", "0"},
        Words{"--head", "knn", "--class-weight", "balanced"}, Words{"--group-by", "(unclosed"},
        Words{"--head", "knn", "--calibrate"}, Words{"--folds", "1"}, Words{"--duplicates", "perhaps"}}) {
    const Outcome outcome = run_graft(train_words(more), folder.path());
    EXPECT_EQ(outcome.code, 2) << more[0] << more[1];
    const std::string named = more.back() == "--calibrate" ? more.back() : more[more.size() - 2];
    EXPECT_NE(outcome.err.find(named), std::string::npos) << outcome.err;
  }
}

TEST(CliEvaluation, AccuracyHasAnInterval) {
  const TemporaryFolder folder;
  write_colors(folder.path() / "colors");
  const Json trained = run_graft(train_words({"--head", "logistic", "--out", "out"}), folder.path()).json();
  const Json interval = trained.at("test_accuracy_interval");
  ASSERT_EQ(interval.size(), 2U);
  EXPECT_LE(interval[0], trained.at("test_accuracy"));
  EXPECT_GE(interval[1], trained.at("test_accuracy"));
  // With few photos the interval is wide.
  EXPECT_GT(interval[1].get<double>() - interval[0].get<double>(), 0.3);
  const Outcome measured = run_graft({"evaluate", "out", "colors", "--json"}, folder.path());
  EXPECT_EQ(measured.json().at("test_accuracy_interval").size(), 2U);
  const Outcome text = run_graft({"evaluate", "out", "colors"}, folder.path());
  EXPECT_NE(text.out.find("95 % interval"), std::string::npos) << text.out;
}

TEST(CliEvaluation, PhotosThatTheModelWasMadeWithAreNamed) {
  const TemporaryFolder folder;
  write_colors(folder.path() / "colors", 13);
  const Json trained = run_graft(train_words({"--recipe", "head", "--out", "out"}), folder.path()).json();
  const Json seen = run_graft({"evaluate", "out", "colors", "--json"}, folder.path()).json().at("seen");
  EXPECT_EQ(seen.at("trained"), trained.at("photos").at("train"));
  EXPECT_EQ(seen.at("chosen_by"), trained.at("photos").at("validation"));
  EXPECT_EQ(seen.at("unseen"), trained.at("photos").at("test"));
  EXPECT_EQ(seen.at("unseen_accuracy"), trained.at("test_accuracy"));
  const Outcome text = run_graft({"evaluate", "out", "colors"}, folder.path());
  EXPECT_NE(text.out.find("the model was trained on"), std::string::npos) << text.out;
  // A model without its record says nothing of it.
  std::filesystem::create_directories(folder.path() / "alone");
  std::filesystem::copy(folder.path() / "out/model.keras", folder.path() / "alone/model.keras");
  EXPECT_TRUE(
      run_graft({"evaluate", "alone", "colors", "--json"}, folder.path()).json().at("seen").is_null());
}

TEST(CliEvaluation, ARunIsRepeatedFromItsSettings) {
  const TemporaryFolder folder;
  write_colors(folder.path() / "colors", 13);
  const std::vector<Words> runs{
      {"--recipe", "head", "--class-weight", "balanced", "--seed", "7", "--calibrate"},
      {"--head", "knn", "--head-neighbours", "3"},
      {"--recipe", "tutorial", "--epochs", "1", "--fine-tune-epochs", "1", "--augment", "flip,erasing",
       "--fine-tune-from", "block_16_expand"}};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string first = "first" + std::to_string(i), again = "again" + std::to_string(i);
    Words words = runs[i];
    words.insert(words.end(), {"--out", first});
    ASSERT_EQ(run_graft(train_words(words), folder.path()).code, 0);
    const Outcome outcome =
        run_graft({"train", "--settings", first, "--out", again, "--json"}, folder.path());
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    for (const char* file : {"predictions.csv", "history.csv"})
      EXPECT_EQ(read_file(folder.path() / again / file), read_file(folder.path() / first / file)) << file;
    Json before = read_json(folder.path() / first / "settings.json");
    Json after = read_json(folder.path() / again / "settings.json");
    EXPECT_EQ(after.at("precision"), before.at("used").at("precision"));  // what auto chose
    for (Json* settings : {&before, &after}) settings->erase("precision");
    EXPECT_EQ(after, before);
    const Json used = after.at("used");
    EXPECT_GT(used.at("threads").get<int>(), 0);
    EXPECT_TRUE(used.contains("graft_version") && used.contains("precision"));
  }
  const Outcome refused =
      run_graft({"train", "--settings", "first0", "--seed", "8", "--out", "other"}, folder.path());
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("--seed: not possible with --settings"), std::string::npos) << refused.err;
  EXPECT_EQ(run_graft({"train", "--settings", "none", "--out", "other"}, folder.path()).code, 3);
  EXPECT_EQ(run_graft({"train"}, folder.path()).code, 2);
}

TEST(CliEvaluation, AnswersForAllPhotosAreKept) {
  const TemporaryFolder folder;
  write_colors(folder.path() / "colors", 13);
  for (const char* head : {"", "knn", "logistic"}) {
    Words words = train_words({"--recipe", "head", "--out", std::string("out") + head});
    if (*head != 0) words = train_words({"--head", head, "--out", std::string("out") + head});
    const Json trained = run_graft(words, folder.path()).json();
    std::ifstream file(folder.path() / (std::string("out") + head) / "predictions.csv");
    std::map<std::string, int> parts;
    std::set<std::string> files;
    std::string line;
    std::getline(file, line);
    EXPECT_EQ(line.find("file,part,fold,answered_by,truth,answer,"), 0U) << line;
    while (std::getline(file, line)) {
      files.insert(line.substr(0, line.find(',')));
      for (const char* part : {"train", "validation", "test"})
        parts[part] += line.find(std::string(",") + part + ",") != std::string::npos ? 1 : 0;
      const bool test = line.find(",test,,model,") != std::string::npos;
      EXPECT_TRUE(test || line.find(",head,") != std::string::npos) << line;
    }
    for (const char* part : {"train", "validation", "test"})
      EXPECT_EQ(parts[part], trained.at("photos").at(part).get<int>()) << part << " " << head;
    EXPECT_EQ(files.size(), 26U);
  }
}

TEST(CliEvaluation, TheModelAnswersForItsTrainingPhotosWhereNoHeadDid) {
  const TemporaryFolder folder;
  write_colors(folder.path() / "colors", 13);
  const Json trained = run_graft(train_words({"--recipe", "tutorial", "--epochs", "1", "--fine-tune-epochs",
                                              "1", "--fine-tune-from", "block_16_expand", "--out", "out"}),
                                 folder.path())
                           .json();
  const std::string csv = read_file(folder.path() / "out/predictions.csv");
  const auto count = [&](const std::string& part) {
    int found = 0;
    for (std::size_t at = csv.find(part); at != csv.npos; at = csv.find(part, at + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count(",train,,model_seen,"), trained.at("photos").at("train").get<int>()) << csv;
  EXPECT_EQ(count(",validation,,model,"), trained.at("photos").at("validation").get<int>());
  EXPECT_EQ(count(",test,,model,"), trained.at("photos").at("test").get<int>());
}

/// The probabilities of the test photos in a predictions.csv of two classes, by file.
std::map<std::string, double> first_probabilities(const std::filesystem::path& file) {
  std::map<std::string, double> probabilities;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.find(",test,") == line.npos) continue;
    const std::string last_two = line.substr(line.rfind(',', line.rfind(',') - 1) + 1);
    probabilities[line.substr(0, line.find(','))] = std::stod(last_two);
  }
  return probabilities;
}

TEST(CliEvaluation, TrainAndEvaluateAnswerAlike) {
  const TemporaryFolder folder;
  write_colors(folder.path() / "colors", 13);
  ASSERT_EQ(run_graft(train_words({"--recipe", "head", "--precision", "mixed_bfloat16", "--out", "out"}),
                      folder.path())
                .code,
            0);
  ASSERT_EQ(run_graft({"evaluate", "out", "colors", "--out", "e"}, folder.path()).code, 0);
  const auto trained = first_probabilities(folder.path() / "out/predictions.csv");
  const auto evaluated = first_probabilities(folder.path() / "e/predictions.csv");
  ASSERT_GT(trained.size(), 1U);
  for (const auto& [file, probability] : trained) EXPECT_NEAR(probability, evaluated.at(file), 1e-5) << file;
}

TEST(CliEvaluation, FoldsSeedsAndDuplicatesAreReported) {
  const TemporaryFolder folder;
  write_colors(folder.path() / "colors");
  std::filesystem::copy_file(folder.path() / "colors/red/3.ppm", folder.path() / "colors/red/copy.ppm");
  const Json json =
      run_graft(train_words({"--head", "centroid", "--folds", "3", "--seeds", "2", "--out", "o"}),
                folder.path())
          .json();
  const Json facts = json.at("facts");
  EXPECT_EQ(facts.at("duplicates").at("exact"), 1);
  EXPECT_EQ(facts.at("duplicates").at("test_photos_in_training"), 0);
  EXPECT_EQ(facts.at("folds").at("accuracies").size(), 3U);
  EXPECT_EQ(facts.at("folds").at("photos"), 25);
  EXPECT_EQ(facts.at("folds").at("interval").size(), 2U);
  EXPECT_EQ(facts.at("seeds").at("accuracies").size(), 2U);
  EXPECT_EQ(facts.at("seeds").at("accuracies")[0], json.at("test_accuracy"));
  const Json dropped =
      run_graft(train_words({"--head", "centroid", "--duplicates", "drop", "--out", "p"}), folder.path())
          .json();
  EXPECT_EQ(dropped.at("facts").at("duplicates").at("dropped"), 1);
}

TEST(CliFeatures, SubFoldersBecomeLabels) {
  const TemporaryFolder folder;
  write_red_or_blue(folder.path() / "model");
  write_colors(folder.path() / "colors", 2);
  ASSERT_EQ(run_graft({"features", "model", "colors", "-o", "f.npz"}, folder.path()).code, 0);
  // graft does not read .npz files with texts, so look for the names only.
  std::ifstream file(folder.path() / "f.npz", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  for (const char* name : {"features.npy", "labels.npy", "files.npy", "class_names.npy"})
    EXPECT_NE(bytes.find(name), std::string::npos) << name;
  ASSERT_EQ(run_graft({"features", "model", "colors", "-o", "f.csv"}, folder.path()).code, 0);
  std::ifstream csv(folder.path() / "f.csv");
  std::string line;
  std::getline(csv, line);
  EXPECT_EQ(line, "path,label,f0,f1,f2");
  std::getline(csv, line);
  EXPECT_EQ(line, "colors/blue/0.ppm,blue,0,0,200");
  const Json json =
      run_graft({"features", "model", "colors/", "-o", "f.svm", "--json"}, folder.path()).json();
  EXPECT_EQ(json.at("labels"), (Json{0, 0, 1, 1}));
  EXPECT_EQ(json.at("classes"), (Json{"blue", "red"}));
  const Outcome refused = run_graft({"features", "model", "colors", "-o", "f.txt"}, folder.path());
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find(".libsvm"), std::string::npos);
}

TEST(CliFeatures, PhotosBesideSubFoldersHaveNoLabels) {
  const TemporaryFolder folder;
  write_red_or_blue(folder.path() / "model");
  write_colors(folder.path() / "colors", 2);
  write_picture(folder.path() / "colors" / "beside.ppm", 1, 2, 3);
  const Json json = run_graft({"features", "model", "colors", "-o", "f.csv", "--json"}, folder.path()).json();
  EXPECT_EQ(json.at("shape")[0], 5);
  EXPECT_TRUE(json.at("labels").empty());
}

}  // namespace
}  // namespace graft::test
