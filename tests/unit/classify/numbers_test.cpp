// SPDX-License-Identifier: Apache-2.0
// Figures of numbers, equal to scikit-learn 1.9.1's, and their intervals.
#include <cmath>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/classify/predictions.hpp"
#include "graft/error.hpp"
#include "graft/evaluation.hpp"
#include "graft/layers.hpp"

#include "support.hpp"

namespace graft {
namespace {

const std::vector<float> kNumberTruth{56.5F, 23.9F, 67.9F, 55.1F, 30.6F, 66.9F, 52,   60.4F,
                                      12.7F, 13.3F, 54.6F, 28.3F, 41,    19.4F, 68.7F};
const std::vector<float> kNumberAnswers{64.3F, 24,    67.7F, 50.3F, 26.2F, 66.3F, 52.4F, 55.6F,
                                        12.1F, -3.9F, 65.5F, 35.9F, 49.4F, 10.4F, 65.8F};

Tensor number_table(const std::vector<float>& values, std::int64_t width = 1) {
  Tensor result({static_cast<std::int64_t>(values.size()) / width, width});
  std::ranges::copy(values, result.data<float>().begin());
  return result;
}

TEST(Numbers, FiguresAreThoseOfScikitLearn) {
  const NumberFigures one = number_figures(number_table(kNumberAnswers), number_table(kNumberTruth)).at(0);
  EXPECT_EQ(one.photos, 15U);
  EXPECT_NEAR(one.mean_absolute_error, 5.31333392461141, 1e-9);
  EXPECT_NEAR(one.mean_squared_error, 50.639342330938796, 1e-9);
  EXPECT_NEAR(one.r2.value(), 0.8688517625425531, 1e-9);
  EXPECT_NEAR(one.median_absolute_error, 4.799999237060547, 1e-9);
  EXPECT_EQ(static_cast<float>(one.lowest), 12.7F);
  EXPECT_EQ(static_cast<float>(one.highest), 68.7F);
  // NumPy's percentiles of 200,000 bootstrap samples; here are 1000.
  EXPECT_NEAR(one.absolute_error_interval.low, 3.05, 0.25);
  EXPECT_NEAR(one.absolute_error_interval.high, 7.82, 0.4);
  EXPECT_NEAR(one.squared_error_interval.low, 19.6, 3);
  EXPECT_NEAR(one.squared_error_interval.high, 93.3, 8);
  EXPECT_NEAR(one.r2_interval->low, 0.722, 0.05);
  EXPECT_NEAR(one.r2_interval->high, 0.948, 0.02);
  EXPECT_FALSE(one.covered);
  EXPECT_EQ(number_figures(number_table(kNumberAnswers), number_table(kNumberTruth))[0].r2_interval->low,
            one.r2_interval->low);
}

TEST(Numbers, ATruthThatDoesNotVaryHasNoR2ToSpeakOf) {
  EXPECT_EQ(number_figures(number_table({3, 3}), number_table({3, 3}))[0].r2, 1);
  EXPECT_EQ(number_figures(number_table({3, 4}), number_table({3, 3}))[0].r2, 0);
  EXPECT_FALSE(number_figures(number_table({4}), number_table({3}))[0].r2);
  EXPECT_EQ(to_json(number_figures(number_table({4}), number_table({3})), {"age"})[0]["r2"], nullptr);
}

TEST(Numbers, IntervalsAreConformal) {
  const NumberIntervals most =
      find_number_intervals(number_table(kNumberAnswers), number_table(kNumberTruth));
  ASSERT_EQ(most.half_widths.size(), 1U);
  EXPECT_NEAR(most.half_widths[0], 17.2, 1e-5);  // of 15 number ceil(16 * 0.9) = 15
  EXPECT_EQ(most.photos, 15U);
  const NumberIntervals some =
      find_number_intervals(number_table(kNumberAnswers), number_table(kNumberTruth), 0.8);
  EXPECT_NEAR(some.half_widths[0], 9, 1e-5);  // number ceil(16 * 0.8) = 13
  EXPECT_NEAR(
      number_figures(number_table(kNumberAnswers), number_table(kNumberTruth), some)[0].covered.value(),
      13.0 / 15, 1e-12);
  const Tensor nine = number_table(kNumberAnswers).slice(0, 9),
               eight = number_table(kNumberAnswers).slice(0, 8);
  EXPECT_EQ(find_number_intervals(nine, number_table(kNumberTruth).slice(0, 9)).half_widths.size(), 1U);
  EXPECT_TRUE(find_number_intervals(eight, number_table(kNumberTruth).slice(0, 8)).half_widths.empty());
}

TEST(Numbers, RefusesWhatDoesNotFit) {
  EXPECT_THROW((void)number_figures(number_table(kNumberAnswers), number_table({1, 2})), Error);
  EXPECT_THROW((void)number_figures(Tensor({0, 1}), Tensor({0, 1})), Error);
  EXPECT_THROW((void)find_number_intervals(number_table(kNumberAnswers), number_table(kNumberTruth), 1),
               Error);
  std::vector<float> broken = kNumberAnswers;
  broken[3] = std::numeric_limits<float>::infinity();
  EXPECT_THROW((void)number_figures(number_table(broken), number_table(kNumberTruth)), Error);
}

/// One pixel -> its red value times 2 and its green value plus 1.
Model doubler() {
  const SymbolicTensor input = Input({1, 1, 3});
  const Layer dense = layers::Dense({.units = 2, .name = "predictions"});
  Model model(input, dense(layers::Flatten()(input)));
  dense.weights()[0]->assign(number_table({2, 0, 0, 1, 0, 0}, 2));
  Tensor bias({2});
  bias.data<float>()[0] = 0;
  bias.data<float>()[1] = 1;
  dense.weights()[1]->assign(bias);
  return model;
}

TEST(Numbers, AClassifierOfNumbersAnswersWithThem) {
  Json metadata{{"output", "numbers"}, {"class_names", {"age", "height"}}};
  const Classifier plain(doubler(), metadata);
  EXPECT_TRUE(plain.gives_numbers());
  metadata["intervals"] = {{"level", 0.8}, {"half_widths", {3, 0.5}}, {"photos", 20}};
  const Classifier classifier(doubler(), metadata);
  Tensor batch({1, 1, 1, 3});
  batch.data<float>()[0] = 10;
  batch.data<float>()[1] = 20;
  batch.data<float>()[2] = 30;
  const Tensor row = classifier.probabilities(batch);
  const std::vector<NumberAnswer> numbers = classifier.numbers_of(row.data<float>());
  ASSERT_EQ(numbers.size(), 2U);
  EXPECT_EQ(numbers[0].name, "age");
  EXPECT_EQ(numbers[0].value, 20);
  EXPECT_EQ(numbers[0].low, 17);
  EXPECT_EQ(numbers[0].high, 23);
  EXPECT_EQ(numbers[0].level, 0.8);
  EXPECT_EQ(numbers[1].value, 21);
  EXPECT_EQ(numbers[1].high, 21.5);
  EXPECT_FALSE(plain.numbers_of(row.data<float>())[0].low);
  EXPECT_THROW((void)classifier.best(row.data<float>()), Error);
  EXPECT_THROW((void)classifier.decide(row.data<float>(), {.reject = true, .reject_below = 0.5}), Error);
  EXPECT_FALSE(Classifier(doubler(), Json()).gives_numbers());
}

TEST(Numbers, BrokenMetadataIsRefused) {
  const Json good{{"output", "numbers"}, {"class_names", {"age", "height"}}};
  for (const Json& intervals :
       {Json(3), Json{{"level", 0.9}}, Json{{"level", 1.5}, {"half_widths", {1, 2}}},
        Json{{"level", 0.9}, {"half_widths", {1}}}, Json{{"level", 0.9}, {"half_widths", {1, -2}}},
        Json{{"level", 0.9}, {"half_widths", {1, "2"}}}}) {
    Json metadata = good;
    metadata["intervals"] = intervals;
    EXPECT_THROW(Classifier(doubler(), metadata), Error) << intervals;
  }
  Json names = good;
  names["class_names"] = {"age"};
  EXPECT_THROW(Classifier(doubler(), names), Error);
  EXPECT_THROW(classify::refuse_other_than_one_class(good, "serve"), Error);
}

TEST(Numbers, AnswersOfARunAreWrittenAndReadBack) {
  PhotoAnswers answers{.files = {"/p/a,b.jpg", "/p/c.jpg", "/p/d.jpg"},
                       .parts = {Part::train, Part::validation, Part::test},
                       .folds = {2, 0, 0},
                       .by_model = {false, false, true},
                       .truth = {},
                       .truth_numbers = number_table({1.5F, 2, 3, 4, 5, 6}, 2),
                       .probabilities = number_table({1, 2, 3, 4, -5, 6e20F}, 2)};
  const std::string text = numbers_csv(answers, {"age", "a,b"});
  EXPECT_EQ(text,
            "file,part,fold,answered_by,truth_age,answer_age,\"truth_a,b\",\"answer_a,b\"\n"
            "\"/p/a,b.jpg\",train,2,head,1.5,1,2,2\n"
            "/p/c.jpg,validation,,head,3,3,4,4\n"
            "/p/d.jpg,test,,model,5,-5,6,6e+20\n");
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "predictions.csv";
  std::ofstream(file) << text;
  const SavedPredictions read = read_number_predictions(file);
  EXPECT_EQ(read.class_names, (std::vector<std::string>{"age", "a,b"}));
  EXPECT_EQ(numbers_csv(read.answers, read.class_names), text);
  EXPECT_THROW((void)read_predictions(file), Error);
  for (const char* broken :
       {"", "file,part,fold,answered_by,truth,answer,a,b\n", "file,part,fold,answered_by,truth_a,answer_b\n",
        "file,part,fold,answered_by,truth_a,answer_a\n1,test,,model,1\n",
        "file,part,fold,answered_by,truth_a,answer_a\n1,none,,model,1,2\n",
        "file,part,fold,answered_by,truth_a,answer_a\n1,test,,model,1,x\n"}) {
    std::ofstream(file) << broken;
    EXPECT_THROW((void)read_number_predictions(file), Error) << broken;
  }
}

}  // namespace
}  // namespace graft
