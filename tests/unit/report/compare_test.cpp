// SPDX-License-Identifier: Apache-2.0
// Comparing runs on the photos that they share.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/classify/predictions.hpp"
#include "graft/error.hpp"
#include "graft/report.hpp"

#include "run_folder.hpp"
#include "support.hpp"

namespace graft::report {
namespace {

TEST(McNemar, IsTheExactBinomialTest) {
  EXPECT_NEAR(mcnemar({.first_only = 1, .second_only = 9}), 2 * 11.0 / 1024,
              1e-12);  // (1 + 10) / 2^10, twice
  EXPECT_NEAR(mcnemar({.first_only = 9, .second_only = 1}), 2 * 11.0 / 1024, 1e-12);
  EXPECT_EQ(mcnemar({.first_only = 5, .second_only = 5}), 1);
  EXPECT_EQ(mcnemar({.both = 100}), 1);
  EXPECT_NEAR(mcnemar({.first_only = 0, .second_only = 5}), 2.0 / 32, 1e-12);
  EXPECT_LT(mcnemar({.first_only = 2000, .second_only = 3000}), 1e-40);
}

TEST(CompareRuns, PairsPhotosByTheirContent) {
  const test::TemporaryFolder folder;
  const auto photo = [&](const std::string& in, int i) {
    return (folder.path() / in / "c" / (std::to_string(i) + ".ppm")).string();
  };
  std::vector<test::TestPhoto> first, second;
  for (int i = 0; i < 8; ++i) {
    first.push_back({.file = photo("a", i), .truth = 1, .of_one = i < 6 ? 0.9F : 0.1F});
    // The same photos in another folder; the last two were trained on, answered by a head without them.
    second.push_back({.file = photo("b", i),
                      .truth = 1,
                      .part = i < 6 ? Part::test : Part::train,
                      .of_one = i < 2 ? 0.9F : 0.1F});
  }
  test::write_run(folder.path() / "one", {"x", "y"}, first);
  test::write_run(folder.path() / "two", {"x", "y"}, second);
  const RunComparison both = compare_runs({folder.path() / "one", folder.path() / "two"});
  ASSERT_EQ(both.pairs.size(), 1U);
  EXPECT_TRUE(both.pairs[0].test_only);
  EXPECT_EQ(both.pairs[0].counts.both, 2U);
  EXPECT_EQ(both.pairs[0].counts.first_only, 4U);
  EXPECT_EQ(both.pairs[0].counts.second_only, 0U);
  EXPECT_EQ(both.pairs[0].counts.neither, 0U);
  EXPECT_NEAR(both.pairs[0].p, 2.0 / 16, 1e-12);
  EXPECT_EQ(both.runs[0].test_photos, 8U);
  EXPECT_EQ(both.runs[1].test_photos, 6U);
  EXPECT_EQ(both.runs[1].shared_photos, 8U);
  EXPECT_NEAR(both.runs[0].test_accuracy, 0.75, 1e-12);
  EXPECT_EQ(to_json(both).at("pairs")[0].at("first_only"), 4);
  EXPECT_THROW(static_cast<void>(compare_runs({folder.path() / "one"})), Error);
}

TEST(SignFlips, IsTheRandomisationTest) {
  EXPECT_EQ(sign_flips({}), 1);
  EXPECT_NEAR(sign_flips(std::vector<double>{1, 1, 1}), 2.0 / 8, 1e-12);
  EXPECT_NEAR(sign_flips(std::vector<double>{-0.1, -0.2, -0.4, 0.3}), 10.0 / 16, 1e-12);
  EXPECT_EQ(sign_flips(std::vector<double>(40, 0.25)), 1e-4);
  std::vector<double> even;
  for (int i = 0; i < 40; ++i) even.push_back(i % 2 == 0 ? 1 : -1);
  EXPECT_EQ(sign_flips(even), 1);
  even.resize(30);
  for (double& one : even) one += 0.3;  // the mean is 1.6 standard errors from 0: p about 0.1
  EXPECT_NEAR(sign_flips(even), 0.1, 0.04);
}

/// Ten test photos whose answers are off by these, and labels that are right or not.
class CompareKinds : public testing::Test {
 protected:
  void write(const std::string& name, const PhotoAnswers& given, const std::string& table,
             const Json& result) {
    const std::filesystem::path in = folder_.path() / name;
    std::filesystem::create_directories(in);
    for (std::size_t i = 0; i < given.files.size(); ++i)
      test::write_small_picture(given.files[i], static_cast<int>(i));
    std::ofstream(in / "predictions.csv") << table;
    std::ofstream(in / "result.json") << result;
  }
  [[nodiscard]] PhotoAnswers photos() const {
    PhotoAnswers answers{.files = {},
                         .parts = std::vector<Part>(10, Part::test),
                         .folds = std::vector<std::size_t>(10, 0),
                         .by_model = std::vector<bool>(10, true),
                         .truth = {},
                         .probabilities = Tensor()};
    for (int i = 0; i < 10; ++i) answers.files.push_back(folder_.path() / (std::to_string(i) + ".ppm"));
    return answers;
  }
  void write_numbers(const std::string& name, float off, const std::string& number = "age") {
    PhotoAnswers answers = photos();
    answers.truth_numbers = Tensor({10, 1});
    answers.probabilities = Tensor::full({10, 1}, off);
    write(name, answers, numbers_csv(answers, {number}), {{"numbers", {{"names", {number}}}}});
  }
  /// The first `right` photos are given their label, and the others none.
  void write_labels(const std::string& name, int right, const std::vector<std::string>& labels) {
    PhotoAnswers answers = photos();
    answers.probabilities = Tensor({10, 2});
    for (int i = 0; i < 10; ++i) {
      answers.truth_sets.push_back({0});
      answers.probabilities.data<float>()[static_cast<std::size_t>(2 * i)] = i < right ? 0.9F : 0.2F;
    }
    const std::vector<double> thresholds{0.5, 0.5};
    write(name, answers, predictions_csv(answers, labels, thresholds),
          {{"several_labels", {{"classes", labels}, {"thresholds", thresholds}}}});
  }
  [[nodiscard]] RunComparison compare(const std::string& one, const std::string& other) const {
    return compare_runs({folder_.path() / one, folder_.path() / other});
  }

  test::TemporaryFolder folder_;
};

TEST_F(CompareKinds, NumbersByTheirErrors) {
  write_numbers("near", 1);
  write_numbers("far", -3);
  const RunComparison found = compare("near", "far");
  EXPECT_EQ(found.answers, "numbers");
  ASSERT_EQ(found.pairs.at(0).errors.size(), 1U);
  EXPECT_EQ(found.pairs[0].photos, 10U);
  EXPECT_EQ(found.pairs[0].errors[0].name, "age");
  EXPECT_NEAR(found.pairs[0].errors[0].first, 1, 1e-9);
  EXPECT_NEAR(found.pairs[0].errors[0].second, 3, 1e-9);
  EXPECT_NEAR(found.pairs[0].errors[0].p, 2.0 / 1024, 1e-12);
  EXPECT_NEAR(found.runs[1].test_errors.at(0), 3, 1e-9);
  EXPECT_NEAR(to_json(found)["runs"][0]["shared_mean_absolute_error"]["age"].get<double>(), 1, 1e-9);
  write_numbers("other", 1, "height");
  EXPECT_THROW(static_cast<void>(compare("near", "other")), Error);
}

TEST_F(CompareKinds, LabelsByAllBeingRight) {
  write_labels("most", 9, {"cat", "dog"});
  write_labels("few", 2, {"cat", "dog"});
  const RunComparison found = compare("most", "few");
  EXPECT_EQ(found.answers, "labels");
  EXPECT_EQ(found.pairs.at(0).counts.both, 2U);
  EXPECT_EQ(found.pairs[0].counts.first_only, 7U);
  EXPECT_EQ(found.pairs[0].counts.neither, 1U);
  EXPECT_NEAR(found.pairs[0].p, 2.0 / 128, 1e-12);
  EXPECT_NEAR(found.runs[0].test_accuracy, 0.9, 1e-12);
  write_labels("others", 2, {"cat", "bird"});
  EXPECT_THROW(static_cast<void>(compare("most", "others")), Error);
  write_numbers("numbers", 1);
  EXPECT_THROW(static_cast<void>(compare("most", "numbers")), Error);
}

}  // namespace
}  // namespace graft::report
