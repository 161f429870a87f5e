// SPDX-License-Identifier: Apache-2.0
// The report of a model that estimates numbers.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/classify/predictions.hpp"
#include "graft/error.hpp"
#include "graft/report.hpp"

#include "run_folder.hpp"
#include "support.hpp"

namespace graft::report {
namespace {

namespace fs = std::filesystem;

/// A run of five photos with two numbers, which are 1, 2, ... 5 and ten times that.
class NumberReport : public testing::Test {
 protected:
  NumberReport() {
    PhotoAnswers answers{.files = {},
                         .parts = {Part::train, Part::train, Part::validation, Part::test, Part::test},
                         .folds = {1, 2, 0, 0, 0},
                         .by_model = {false, false, false, true, true},
                         .truth = {},
                         .truth_numbers = Tensor({5, 2}),
                         .probabilities = Tensor({5, 2})};
    const std::vector<float> missed{0.1F, -3, 0.5F, 1, 0};
    for (std::size_t i = 0; i < 5; ++i) {
      answers.files.push_back(folder_.path() / "photos" / (std::to_string(i) + ".ppm"));
      test::write_small_picture(answers.files.back(), static_cast<int>(i));
      const auto number = static_cast<float>(i + 1);
      answers.truth_numbers.data<float>()[i * 2] = number;
      answers.truth_numbers.data<float>()[i * 2 + 1] = 10 * number;
      answers.probabilities.data<float>()[i * 2] = number + missed[i];
      answers.probabilities.data<float>()[i * 2 + 1] = 10 * number - static_cast<float>(i);
    }
    const std::vector<std::string> names{"age", "</script>|x"};
    const Json test =
        to_json(number_figures(answers.probabilities.slice(3, 5), answers.truth_numbers.slice(3, 5)), names);
    const Json unseen =
        to_json(number_figures(answers.probabilities.slice(0, 3), answers.truth_numbers.slice(0, 3)), names);
    fs::create_directories(run());
    std::ofstream(run() / "result.json")
        << Json{{"numbers",
                 {{"names", names},
                  {"intervals", {{"level", 0.9}, {"half_widths", Json::array()}, {"photos", 3}}},
                  {"test", test},
                  {"unseen", unseen}}},
                {"photos", {{"train", 2}, {"validation", 1}, {"test", 2}}},
                {"skipped_images", Json::array()},
                {"notes", {"a note"}}};
    std::ofstream(run() / "predictions.csv") << numbers_csv(answers, names);
  }
  [[nodiscard]] fs::path run() const { return folder_.path() / "run"; }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(NumberReport, HasFiguresPointsAndTheWorstPhotos) {
  const WrittenReport written = write_report(run());
  EXPECT_EQ(written.photos_shown, 5U);
  EXPECT_EQ(written.photos_missing, 0U);
  const Json json = test::read_json(run() / "report.json");
  const Json& age = json["numbers"][0];
  EXPECT_EQ(age["test"]["mean_absolute_error"], 0.5);
  EXPECT_EQ(age["half_width"], nullptr);
  EXPECT_EQ(age["points"].size(), 5U);
  EXPECT_EQ(age["points"][1], (Json{2.0, -1.0, 0}));
  EXPECT_EQ(age["points"][3], (Json{4.0, 5.0, 1}));
  const Json& items = json["photos"]["items"];
  const auto file = [&](const Json& at) { return items.at(at.get<std::size_t>())["file"]; };
  EXPECT_EQ(file(age["worst"][0]), "photos/1.ppm");
  EXPECT_EQ(file(age["worst"][1]), "photos/3.ppm");
  EXPECT_EQ(file(json["numbers"][1]["worst"][0]), "photos/4.ppm");
  EXPECT_EQ(items.at(age["worst"][0].get<std::size_t>())["numbers"], (Json{{2.0, -1.0}, {20.0, 19.0}}));
  EXPECT_EQ(items.at(age["worst"][0].get<std::size_t>())["fold"], 2);
  EXPECT_EQ(json["data"]["counts"], (Json{{2, 1, 2}}));
  EXPECT_TRUE(json["headline"]["sentence"].get<std::string>().starts_with(
      "On 2 photos that it had never seen the model missed age by 0.5 on average"));
  EXPECT_EQ(test::read_file(run() / "report.html").find("</script>|x"), std::string::npos);
  const std::string card = test::read_file(run() / "model_card.md");
  EXPECT_NE(card.find("| age | 2 | 0.5 |"), std::string::npos) << card;
  EXPECT_EQ(card.find("image-classification"), std::string::npos);
}

TEST_F(NumberReport, FewerPhotosAreTheWorst) {
  EXPECT_EQ(write_report(run(), {.photos = 2}).photos_shown, 2U);
  const Json json = test::read_json(run() / "report.json");
  EXPECT_EQ(json["photos"]["items"][0]["file"], "photos/1.ppm");
  EXPECT_EQ(json["photos"]["items"][1]["file"], "photos/4.ppm");
  EXPECT_EQ(json["numbers"][0]["worst"], (Json{0, 1}));
  EXPECT_EQ(json["numbers"][1]["worst"], (Json{1, 0}));
}

TEST_F(NumberReport, FiguresOfEachNumber) {
  static_cast<void>(write_report(run()));
  static_cast<void>(write_plots(run(), run() / "figures"));
  for (const char* name : {"number_1.svg", "number_2.png", "worst_1.png", "worst_2.svg"})
    EXPECT_TRUE(fs::exists(run() / "figures" / name)) << name;
  EXPECT_EQ(compare_runs({run(), run()}).answers, "numbers");
}

}  // namespace
}  // namespace graft::report
