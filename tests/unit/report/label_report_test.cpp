// SPDX-License-Identifier: Apache-2.0
// The report of a model that gives a photo several labels, and of an evaluation of one or of numbers.
#include <cmath>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/classify/predictions.hpp"
#include "graft/error.hpp"
#include "graft/report.hpp"

#include "run_folder.hpp"
#include "support.hpp"

namespace graft::report {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kThreeLabels{"cat", "dog", "</script>|x"};
const std::vector<double> kThreeThresholds{0.5, 0.4, 0.5};

/// Six photos: two of training answered by heads, one of validation, three of test.
class LabelReport : public testing::Test {
 protected:
  LabelReport() {
    answers_ = {.files = {},
                .parts = {Part::train, Part::train, Part::validation, Part::test, Part::test, Part::test},
                .folds = {1, 2, 0, 0, 0, 0},
                .by_model = {false, false, true, true, true, true},
                .truth = {},
                .truth_sets = {{0}, {0, 1}, {}, {0, 1}, {1}, {2}},
                .probabilities = Tensor({6, 3})};
    const std::vector<float> probabilities{0.9F, 0.1F, 0.2F, 0.8F, 0.45F, 0.1F, 0.1F, 0.2F, 0.3F,
                                           0.9F, 0.6F, 0.1F, 0.7F, 0.1F,  0.1F, 0.1F, 0.1F, 0.9F};
    std::ranges::copy(probabilities, answers_.probabilities.data<float>().begin());
    for (std::size_t i = 0; i < 6; ++i) {
      answers_.files.push_back(folder_.path() / "photos" / (std::to_string(i) + ".ppm"));
      test::write_small_picture(answers_.files.back(), static_cast<int>(i));
    }
    fs::create_directories(run());
    std::ofstream(run() / "result.json")
        << Json{{"several_labels", {{"classes", kThreeLabels}, {"thresholds", kThreeThresholds}}},
                {"skipped_images", Json::array()},
                {"notes", {"a note"}}};
    std::ofstream(run() / "predictions.csv") << predictions_csv(answers_, kThreeLabels, kThreeThresholds);
  }
  [[nodiscard]] fs::path run() const { return folder_.path() / "run"; }

  test::TemporaryFolder folder_;
  PhotoAnswers answers_;
};

TEST_F(LabelReport, HasFiguresPairsAndTheWorstPhotos) {
  const WrittenReport written = write_report(run());
  EXPECT_EQ(written.photos_shown, 6U);
  const Json json = test::read_json(run() / "report.json");
  ASSERT_EQ(json["labels"].size(), 2U);
  EXPECT_EQ(json["sets"], Json::array());
  const Json& tested = json["labels"][0];
  EXPECT_EQ(tested["name"], "test");
  EXPECT_EQ(tested["photos"], 3);
  // Photo 4 has a dog, and is given a cat.
  EXPECT_NEAR(tested["exact_match"].get<double>(), 2.0 / 3, 1e-12);
  EXPECT_NEAR(tested["hamming_loss"].get<double>(), 2.0 / 9, 1e-12);
  EXPECT_NEAR(tested["f1_micro"].get<double>(), 2 * 3.0 / (4 + 4), 1e-12);
  EXPECT_EQ(tested["classes"][1]["threshold"], 0.4);
  const Json& items = json["photos"]["items"];
  const auto file = [&](const Json& at) { return items.at(at.get<std::size_t>())["file"]; };
  ASSERT_EQ(tested["worst"].size(), 1U);
  EXPECT_EQ(file(tested["worst"][0]), "photos/4.ppm");
  EXPECT_EQ(file(tested["classes"][1]["missed"][0]), "photos/4.ppm");
  EXPECT_EQ(file(tested["classes"][0]["mistaken"][0]), "photos/4.ppm");
  EXPECT_EQ(tested["classes"][0]["missed"], Json::array());
  EXPECT_EQ(tested["together"]["have"], (Json{{1, 1, 0}, {1, 2, 0}, {0, 0, 1}}));
  EXPECT_EQ(tested["together"]["given"], (Json{{2, 1, 0}, {1, 1, 0}, {0, 0, 1}}));
  EXPECT_EQ(json["labels"][1]["worst"], Json::array());
  EXPECT_EQ(json["data"]["counts"], (Json{{2, 0, 1}, {1, 0, 2}, {0, 0, 1}}));
  EXPECT_EQ(json["data"]["photos"], (Json{2, 1, 3}));
}

TEST_F(LabelReport, PhotosListTheirLabels) {
  static_cast<void>(write_report(run(), {.photos = 1}));
  const Json json = test::read_json(run() / "report.json");
  ASSERT_EQ(json["photos"]["items"].size(), 1U);
  const Json& labels = json["photos"]["items"][0]["labels"];
  ASSERT_EQ(labels.size(), 3U);
  // Cat is given and wrong, dog is there and missed; then the others.
  EXPECT_EQ(labels[0][0], 0);
  EXPECT_NEAR(labels[0][1].get<double>(), 0.7, 1e-6);
  EXPECT_EQ(labels[0][2], 0);
  EXPECT_EQ(labels[0][3], 1);
  EXPECT_EQ(labels[1][0], 1);
  EXPECT_EQ(labels[1][2], 1);
  EXPECT_EQ(labels[1][3], 0);
  EXPECT_EQ(json["labels"][0]["worst"], Json{0});
}

TEST_F(LabelReport, PageAndCardHoldThem) {
  static_cast<void>(write_report(run()));
  EXPECT_EQ(test::read_file(run() / "report.html").find("</script>|x"), std::string::npos);
  const std::string card = test::read_file(run() / "model_card.md");
  EXPECT_NE(card.find("multi-label"), std::string::npos);
  EXPECT_NE(card.find("| dog | 2 | 1 |"), std::string::npos) << card;
  EXPECT_NE(card.find("A photo gets each label below"), std::string::npos);
  static_cast<void>(write_plots(run(), run() / "figures"));
  EXPECT_TRUE(fs::exists(run() / "figures/class_counts.svg"));
  EXPECT_EQ(compare_runs({run(), run()}).answers, "labels");
}

TEST_F(LabelReport, PairsAreCountedAsByScikitLearn) {
  const Json golden = test::read_json(test::goldens() / "labels.json").at(1);
  const std::size_t photos = golden["truth"].size();
  constexpr std::size_t kFive = 5;
  PhotoAnswers answers{.files = {},
                       .parts = std::vector<Part>(photos, Part::test),
                       .folds = std::vector<std::size_t>(photos, 0),
                       .by_model = std::vector<bool>(photos, true),
                       .truth = {},
                       .truth_sets = std::vector<std::vector<int>>(photos),
                       .probabilities = Tensor({static_cast<std::int64_t>(photos), 5})};
  for (std::size_t i = 0; i < photos; ++i) {
    answers.files.emplace_back(cat("/none/", i, ".jpg"));
    for (std::size_t k = 0; k < kFive; ++k) {
      if (golden["truth"][i][k] == 1) answers.truth_sets[i].push_back(static_cast<int>(k));
      answers.probabilities.data<float>()[i * kFive + k] =
          static_cast<float>(1 / (1 + std::exp(-golden["logits"][i][k].get<double>())));
    }
  }
  const std::vector<std::string> names{"a", "b", "c", "d", "e"};
  std::ofstream(run() / "result.json")
      << Json{{"several_labels", {{"classes", names}, {"thresholds", golden["thresholds"]}}}};
  std::ofstream(run() / "predictions.csv")
      << predictions_csv(answers, names, golden["thresholds"].get<std::vector<double>>());
  static_cast<void>(write_report(run(), {.photos = 0}));
  const Json set = test::read_json(run() / "report.json")["labels"][0];
  EXPECT_EQ(set["together"]["have"], golden["figures"]["have_together"]);
  EXPECT_EQ(set["together"]["given"], golden["figures"]["given_together"]);
  EXPECT_NEAR(set["f1_macro"].get<double>(), golden["figures"]["f1_macro"].get<double>(), 1e-9);
}

TEST_F(LabelReport, OfAnEvaluation) {
  Evaluation evaluation{.photos = 3};
  evaluation.answers = answers_;
  evaluation.answers.parts.assign(6, Part::test);
  evaluation.answers.by_model.assign(6, true);
  evaluation.answers.folds.assign(6, 0);
  evaluation.several = SeveralLabelsFigures{.photos = 6, .classes = std::vector<LabelFigures>(3)};
  const fs::path out = folder_.path() / "evaluation";
  static_cast<void>(write_evaluation(evaluation,
                                     {.model = "none.keras",
                                      .photos = folder_.path() / "photos",
                                      .class_names = kThreeLabels,
                                      .thresholds = kThreeThresholds},
                                     out));
  const Json json = test::read_json(out / "report.json");
  EXPECT_EQ(json["kind"], "evaluation");
  ASSERT_EQ(json["labels"].size(), 1U);
  EXPECT_EQ(json["labels"][0]["title"], "All photos");
  EXPECT_EQ(json["labels"][0]["photos"], 6);
  EXPECT_EQ(test::read_json(out / "result.json")["several_labels"]["thresholds"], (Json{0.5, 0.4, 0.5}));
}

TEST_F(LabelReport, OfAnEvaluationOfNumbers) {
  Evaluation evaluation{.photos = 2};
  evaluation.answers = {.files = {answers_.files[0], answers_.files[1]},
                        .parts = {Part::test, Part::test},
                        .folds = {0, 0},
                        .by_model = {true, true},
                        .truth = {},
                        .truth_numbers = Tensor({2, 1}),
                        .probabilities = Tensor({2, 1})};
  const std::vector<float> truth{1, 2}, answers{1.5F, 4};
  std::ranges::copy(truth, evaluation.answers.truth_numbers.data<float>().begin());
  std::ranges::copy(answers, evaluation.answers.probabilities.data<float>().begin());
  const NumberIntervals intervals{.level = 0.9, .half_widths = {1}, .photos = 20};
  evaluation.numbers =
      number_figures(evaluation.answers.probabilities, evaluation.answers.truth_numbers, intervals);
  const fs::path out = folder_.path() / "evaluation";
  static_cast<void>(write_evaluation(evaluation,
                                     {.model = "none.keras",
                                      .photos = folder_.path() / "photos",
                                      .class_names = {"age"},
                                      .intervals = intervals},
                                     out));
  const Json json = test::read_json(out / "report.json");
  EXPECT_EQ(json["kind"], "evaluation");
  EXPECT_EQ(json["numbers"][0]["test"]["mean_absolute_error"], 1.25);
  EXPECT_EQ(json["numbers"][0]["unseen"], nullptr);
  EXPECT_EQ(json["numbers"][0]["half_width"], 1.0);
  EXPECT_EQ(json["photos"]["items"][json["numbers"][0]["worst"][0].get<std::size_t>()]["file"],
            "photos/1.ppm");
  EXPECT_EQ(json["data"]["counts"], (Json{{0, 0, 2}}));
  EXPECT_TRUE(json["headline"]["sentence"].get<std::string>().starts_with(
      "On 2 photos the model missed age by 1.25 on average"));
}

}  // namespace
}  // namespace graft::report
