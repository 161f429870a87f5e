// SPDX-License-Identifier: Apache-2.0
#include "graft/decision.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/error.hpp"
#include "graft/layers.hpp"

#include "support.hpp"

namespace graft {
namespace {

using Names = std::vector<std::string>;
using Row = std::vector<float>;

DecisionRules rules_of(std::optional<double> reject_below, std::optional<double> defect_from) {
  DecisionRules rules{.reject_below = reject_below};
  if (defect_from) {
    rules.min_recall = {
        {.wanted = {.class_name = "defect", .recall = 0.99}, .index = 1, .threshold = *defect_from}};
  }
  return rules;
}

/// Probabilities of class 1 of two classes.
Tensor two_classes(const std::vector<double>& of_second) {
  Tensor rows({static_cast<std::int64_t>(of_second.size()), 2});
  for (std::size_t i = 0; i < of_second.size(); ++i) {
    rows.data()[2 * i] = static_cast<float>(1 - of_second[i]);
    rows.data()[2 * i + 1] = static_cast<float>(of_second[i]);
  }
  return rows;
}

TEST(Decision, AClassThatMustNotBeMissedComesFirst) {
  const Names names{"good", "defect", "dirt"};
  const auto answer = [&](const Row& row, const DecisionRules& rules) { return decide(row, names, rules); };
  EXPECT_EQ(answer({0.6F, 0.3F, 0.1F}, {}).name, "good");
  EXPECT_EQ(answer({0.6F, 0.3F, 0.1F}, {}).reason, "");
  const Decision found = answer({0.6F, 0.3F, 0.1F}, rules_of(0.9, 0.3F));
  EXPECT_EQ(found.name, "defect");
  EXPECT_EQ(found.index, 1);
  EXPECT_EQ(found.reason, "30.0 % reaches 30.0 %, the threshold for a recall of 99.0 %");
  const Decision unknown = answer({0.6F, 0.3F, 0.1F}, rules_of(0.9, 0.4));
  EXPECT_EQ(unknown.name, "unknown");
  EXPECT_FALSE(unknown.index);
  EXPECT_NE(unknown.reason.find("good, has 60.0 %, below 90.0 %"), std::string::npos) << unknown.reason;
  // The most probable class is the answer below its own threshold too.
  EXPECT_EQ(answer({0.3F, 0.5F, 0.2F}, rules_of({}, 0.8)).name, "defect");
  EXPECT_EQ(answer({0.95F, 0.03F, 0.02F}, rules_of(0.9, 0.4)).name, "good");
  EXPECT_THROW(static_cast<void>(answer({0.5F, 0.5F}, {})), Error);
}

TEST(Decision, WhatIsNoNumberReachesNothing) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(decide(Row{nan, nan}, {"a", "defect"}, rules_of(0.0, 0.0)).name, "unknown");
  EXPECT_EQ(decide(Row{nan, 0.2F}, {"a", "defect"}, {}).name, "defect");
}

TEST(Decision, OfSeveralClassesThatMustNotBeMissedNoneIs) {
  const Names names{"good", "crack", "dent"};
  const DecisionRules rules{
      .reject_below = 0.9,
      .min_recall = {{.wanted = {.class_name = "crack", .recall = 0.99}, .index = 1, .threshold = 0.2},
                     {.wanted = {.class_name = "dent", .recall = 0.9}, .index = 2, .threshold = 0.7}}};
  const auto answer = [&](const Row& row) { return decide(row, names, rules); };
  // The dent is the most probable class, the crack reaches its threshold.
  const Decision both = answer({0.1F, 0.3F, 0.6F});
  EXPECT_EQ(both.name, "dent");
  EXPECT_EQ(both.also, Names{"crack"});
  EXPECT_EQ(both.reason, "");
  const Decision one = answer({0.5F, 0.3F, 0.2F});
  EXPECT_EQ(one.name, "crack");
  EXPECT_TRUE(one.also.empty());
  // A dent that does not reach its own threshold, and nothing else, is unknown below 0.9.
  EXPECT_EQ(answer({0.3F, 0.1F, 0.6F}).name, "unknown");
  EXPECT_EQ(answer({0.95F, 0.03F, 0.02F}).name, "good");

  const Tensor rows = Tensor::from({3, 3}, Row{0.1F, 0.3F, 0.6F, 0.1F, 0.3F, 0.6F, 0.95F, 0.03F, 0.02F});
  const DecisionFigures figures = decision_figures(rows, {1, 2, 0}, rules);
  ASSERT_EQ(figures.recalls.size(), 2U);
  EXPECT_EQ(figures.recalls[0].found, 1U);
  EXPECT_EQ(figures.recalls[0].false_alarms, 1U);
  EXPECT_EQ(figures.recalls[1].found, 1U);
  EXPECT_EQ(figures.recalls[1].false_alarms, 1U);
  EXPECT_EQ(figures.answered_right, 2U);
  EXPECT_EQ(describe(figures, rules).size(), 3U);
}

TEST(Decision, FiguresCountWhatTheRulesChange) {
  // Truth, probability of defect: the most probable class is right for 3 of 6.
  const Tensor rows = two_classes({0.9, 0.3, 0.1, 0.4, 0.1, 0.7});
  const std::vector<int> truth{1, 1, 1, 0, 0, 0};
  const DecisionRules rules = rules_of(0.65, 0.3F);
  const DecisionFigures figures = decision_figures(rows, truth, rules);
  EXPECT_EQ(figures.photos, 6U);
  EXPECT_EQ(figures.right, 3U);
  EXPECT_EQ(figures.answered, 6U);
  EXPECT_EQ(figures.answered_right, 3U);
  ASSERT_EQ(figures.recalls.size(), 1U);
  const RecallFigures& recall = figures.recalls[0];
  EXPECT_EQ(recall.of_class, 3U);
  EXPECT_EQ(recall.found, 2U);
  EXPECT_EQ(recall.found_before, 1U);
  EXPECT_EQ(recall.others, 3U);
  EXPECT_EQ(recall.false_alarms, 2U);
  EXPECT_EQ(recall.false_alarms_before, 1U);
  const DecisionFigures stricter = decision_figures(rows, truth, rules_of(0.95, {}));
  EXPECT_EQ(stricter.answered, 0U);
  EXPECT_TRUE(stricter.recalls.empty());
  const Json json = to_json(figures, rules);
  EXPECT_EQ(json["min_recall"][0]["false_alarms"], 2);
  EXPECT_EQ(json["reject"]["answered"], 6);
  EXPECT_EQ(describe(figures, rules).size(), 2U);
  EXPECT_TRUE(to_json(figures, {}).empty());
}

TEST(RejectThreshold, IsTheLowestThatHasTheAccuracy) {
  const std::size_t photos = 400;
  const std::vector<double> noise = test::u01("reject", 2 * photos);
  std::vector<double> of_second;
  std::vector<int> truth;
  for (std::size_t i = 0; i < photos; ++i) {
    of_second.push_back(std::round(100 * noise[2 * i]) / 100);  // some are equal
    truth.push_back(noise[2 * i + 1] < of_second.back() ? 1 : 0);
  }
  const Tensor rows = two_classes(of_second);
  const auto caution = [&](double threshold) {
    const DecisionFigures figures = decision_figures(rows, truth, rules_of(threshold, {}));
    return (static_cast<double>(figures.answered - figures.answered_right) + 1) /
           (static_cast<double>(figures.answered) + 1);
  };
  for (const double accuracy : {0.8, 0.9, 0.95}) {
    const std::optional<double> found = find_reject_threshold(rows, truth, accuracy);
    ASSERT_TRUE(found);
    EXPECT_LE(caution(*found), 1 - accuracy + 1e-9);
    for (const float p : rows.data()) {
      if (p < 0.5F || static_cast<double>(p) >= *found) continue;
      EXPECT_GT(caution(p), 1 - accuracy) << p;
    }
  }
  const std::optional<double> half = find_reject_threshold(rows, truth);
  ASSERT_TRUE(half);
  EXPECT_LE(caution(*half), caution(0) / 2);
  EXPECT_FALSE(find_reject_threshold(rows, truth, 0.99999));  // 400 photos cannot show that
  EXPECT_THROW(static_cast<void>(find_reject_threshold(rows, truth, 1.0)), Error);
}

TEST(RejectThreshold, WithoutMistakesIsTheLeastCertainPhoto) {
  const std::vector<double> sure(30, 0.75);
  EXPECT_EQ(find_reject_threshold(two_classes(sure), std::vector<int>(30, 1)), 0.75);
  EXPECT_FALSE(find_reject_threshold(two_classes({0.9, 0.9}), {1, 1}));  // too few
  EXPECT_FALSE(find_reject_threshold(Tensor({0, 2}), {}));
}

TEST(RecallThreshold, FindsTheWantedPartOfNewPhotos) {
  constexpr std::size_t kPhotos = 50;
  constexpr std::size_t kTimes = 2000;
  // Photos whose probability is uniform: above a threshold t are 1 - t of new ones.
  const std::vector<double> all = test::u01("recall", kPhotos * kTimes);
  double sum = 0;
  for (std::size_t i = 0; i < kTimes; ++i) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(i * kPhotos);
    const Tensor rows = two_classes({begin, begin + kPhotos});
    sum += 1 - find_recall_threshold(rows, std::vector<int>(kPhotos, 1), 1, {"defect", 0.9});
  }
  // k = floor(51 * 0.1) = 5: the mean is 1 - 5/51; the mean of 2000 has a standard error of 0.001.
  EXPECT_NEAR(sum / kTimes, 1 - 5.0 / 51, 0.003);
}

TEST(RecallThreshold, IsRefusedWhereThePhotosAreTooFew) {
  EXPECT_EQ(fewest_for_recall(0.99), 99U);
  EXPECT_EQ(fewest_for_recall(0.9), 9U);
  EXPECT_EQ(fewest_for_recall(0.5), 1U);
  EXPECT_EQ(fewest_for_recall(0.001), 1U);
  EXPECT_THROW(static_cast<void>(fewest_for_recall(1)), Error);
  const std::vector<double> values(98, 0.5);
  const std::string message = test::message_of(
      [&] {
        static_cast<void>(
            find_recall_threshold(two_classes(values), std::vector<int>(98, 1), 1, {"defect", 0.99}));
      },
      ErrorKind::invalid_argument);
  EXPECT_NE(message.find("needs at least 99"), std::string::npos) << message;
  EXPECT_NE(message.find("received 98"), std::string::npos) << message;
  EXPECT_NE(message.find("at most 98.9 %"), std::string::npos) << message;
  // Photos of other classes do not count; with one more it is found.
  std::vector<double> enough(99, 0.5);
  enough[7] = 0.125;
  EXPECT_EQ(find_recall_threshold(two_classes(enough), std::vector<int>(99, 1), 1, {"defect", 0.99}), 0.125);
}

TEST(MinRecall, IsReadFromText) {
  EXPECT_EQ(parse_min_recall("defect=0.99"), (MinRecall{"defect", 0.99}));
  EXPECT_EQ(parse_min_recall("a=b=0.5"), (MinRecall{"a=b", 0.5}));
  for (const char* text : {"", "defect", "=0.9", "defect=", "defect=1", "defect=0", "defect=nan",
                           "defect=inf", "defect=0.9x", "defect=-0.5", "defect=1e999"}) {
    EXPECT_THROW(static_cast<void>(parse_min_recall(text)), Error) << text;
  }
}

TEST(DecisionRules, HostileMetadataIsRefused) {
  const Names names{"good", "defect"};
  const Json good{
      {"reject", {{"threshold", 0.8}}},
      {"min_recall", Json::array({{{"class", "defect"}, {"recall", 0.99}, {"threshold", 0.01}}})}};
  const DecisionRules rules = decision_rules(good, names);
  EXPECT_EQ(rules.reject_below, 0.8);
  ASSERT_EQ(rules.min_recall.size(), 1U);
  EXPECT_EQ(rules.min_recall[0].index, 1U);
  EXPECT_FALSE(decision_rules(nullptr, names).reject_below);
  EXPECT_TRUE(decision_rules(Json::object(), names).min_recall.empty());
  const auto refused = [&](const char* text) {
    const std::string message = test::message_of(
        [&] { static_cast<void>(decision_rules(Json::parse(text), names)); }, ErrorKind::bad_file);
    return message.find("graft.json: ") == 0 && message.size() < 400;
  };
  for (const char* text :
       {R"({"reject": 0.5})", R"({"reject": null})", R"({"reject": {}})", R"({"reject": [0.5]})",
        R"({"reject": {"threshold": "0.5"}})", R"({"reject": {"threshold": -0.1}})",
        R"({"reject": {"threshold": 1.5}})", R"({"reject": {"threshold": 1e300}})",
        R"({"reject": {"threshold": {"a": [1, 2]}}})", R"({"min_recall": {}})", R"({"min_recall": "defect"})",
        R"({"min_recall": [{"class": "defect", "threshold": 0.5}]})",
        R"({"min_recall": [{"class": "other", "recall": 0.9, "threshold": 0.5}]})",
        R"({"min_recall": [{"class": 1, "recall": 0.9, "threshold": 0.5}]})",
        R"({"min_recall": [{"class": "defect\u001b[2J", "recall": 0.9, "threshold": 0.5}]})",
        R"({"min_recall": [{"class": "defect", "recall": 9, "threshold": 0.5}]})",
        R"({"min_recall": {"class": "defect", "recall": 0.9, "threshold": 0.5}})",
        R"({"min_recall": [null]})",
        R"({"min_recall": [{"class": "defect", "recall": 0.9, "threshold": 0.5},
                           {"class": "defect", "recall": 0.8, "threshold": 0.5}]})"}) {
    EXPECT_TRUE(refused(text)) << text;
  }
}

/// The means of red and green, over 255, as logits.
Model red_or_green() {
  const SymbolicTensor input = Input({4, 4, 3});
  const SymbolicTensor mean = layers::GlobalAveragePooling2D()(input);
  const Layer head = layers::Dense({.units = 2});
  const SymbolicTensor output = head(mean);
  const Row kernel{1.0F / 255, 0, 0, 1.0F / 255, 0, 0};
  std::ranges::copy(kernel, head.weights()[0]->mutable_value().data().begin());
  return {input, output};
}

TEST(Classifier, AnswersByTheRulesOfItsFile) {
  Json metadata{{"class_names", {"red", "green"}}, {"image_size", {4, 4}}, {"output", "logits"}};
  const Row row{0.7F, 0.3F};
  const Classifier plain(red_or_green(), metadata);
  EXPECT_EQ(plain.decide(row).name, "red");
  EXPECT_THROW(static_cast<void>(plain.decide(row, {.reject = true})), Error);  // no threshold anywhere
  EXPECT_EQ(plain.decide(row, {.reject = true, .reject_below = 0.8}).name, "unknown");
  EXPECT_THROW(static_cast<void>(plain.decide(row, {.reject = true, .reject_below = 1.5})), Error);
  metadata["reject"] = {{"threshold", 0.75}};
  const Classifier careful(red_or_green(), metadata);
  EXPECT_EQ(careful.decide(row).name, "red");  // only where that is wanted
  EXPECT_EQ(careful.decide(row, {.reject = true}).name, "unknown");
  EXPECT_EQ(careful.decide(row, {.reject = true, .reject_below = 0.5}).name, "red");
  metadata["min_recall"].push_back({{"class", "green"}, {"recall", 0.9}, {"threshold", 0.25}});
  const Classifier watchful(red_or_green(), metadata);
  EXPECT_EQ(watchful.decide(row).name, "green");
  EXPECT_EQ(watchful.decide(row, {.reject = true}).name, "green");
  metadata["min_recall"][0]["threshold"] = "0.25";
  EXPECT_THROW(Classifier(red_or_green(), metadata), Error);
}

TEST(Classifier, OtherClassesHaveNoThresholds) {
  Json metadata{{"class_names", {"red", "green"}},
                {"reject", {{"threshold", 0.75}}},
                {"min_recall", Json::array({{{"class", "green"}, {"recall", 0.9}, {"threshold", 0.25}}})}};
  Json renamed = metadata;
  static_cast<void>(classify::name_classes(red_or_green(), renamed, {"rot", "grün"}));
  EXPECT_EQ(decision_rules(renamed, {"rot", "grün"}).min_recall.at(0).wanted.class_name, "grün");
  const models::Edited edited =
      classify::replace_classes(red_or_green(), metadata, {.names = {"red", "blue"}, .hidden = {}});
  EXPECT_FALSE(metadata.contains("reject"));
  EXPECT_FALSE(metadata.contains("min_recall"));
  EXPECT_NE(std::ranges::find_if(edited.report.notes,
                                 [](const std::string& note) { return note.starts_with("The thresholds"); }),
            edited.report.notes.end());
}

}  // namespace
}  // namespace graft
