// SPDX-License-Identifier: Apache-2.0
// Heads for several labels a photo and for numbers, and their figures, against scikit-learn
// (tests/golden/data/make/sklearn_several.py).
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/evaluation.hpp"
#include "graft/transfer/logistic_head.hpp"

#include "golden_figures.hpp"
#include "support.hpp"
#include "transfer/heads/linear_svm.hpp"
#include "transfer/heads/ridge.hpp"
#include "transfer/measure/label_decisions.hpp"
#include "transfer/several/several_classical.hpp"

namespace graft::transfer {
namespace {

class SeveralGolden : public testing::Test {
 protected:
  void SetUp() override {
    const std::filesystem::path file = test::goldens() / "several.json.gz";
    if (!std::filesystem::exists(file))
      GTEST_SKIP() << file << " is not there: GRAFT_GOLDENS names older goldens; make it with "
                   << "tests/golden/data/make/sklearn_several.py";
    golden_ = test::read_json(file);
  }

  Json golden_;
};

/// The rows as a run has them: some train, the last ones are the validation photos.
FrozenData as_frozen(const Tensor& features, const Tensor& truth) {
  constexpr std::int64_t kGoldenValidation = 6;
  const std::int64_t rows = features.shape()[0], train = rows - kGoldenValidation;
  return {.train = features.slice(0, train),
          .validation = features.slice(train, rows),
          .train_truth = truth.slice(0, train),
          .validation_truth = truth.slice(train, rows),
          .folds = {}};
}

TEST_F(SeveralGolden, SvmsOfLabelsAreScikitLearns) {
  std::size_t compared = 0;
  for (const Json& set : golden_["labels"]) {
    const Tensor features = test::golden_table(set["features"]), truth = test::golden_table(set["truth"]),
                 tested = test::golden_table(set["test"]);
    for (const Json& one : set["heads"]) {
      if (one["kind"] != "linear_svm") continue;
      SCOPED_TRACE(one["c"].dump() + " " + one["positive_weights"].dump());
      const double c = one["c"].get<double>();
      const auto weights = one["positive_weights"].get<std::vector<double>>();
      const Tensor expected = test::golden_table(one["decisions"]);
      const LinearHead exact =
          solve_label_svms({.features = features, .truth = truth, .positive_weights = weights}, c, 1e-8);
      EXPECT_LT(test::max_difference(head_logits(exact, tested).data(), expected.data()), 1e-4);
      // A model's head ends at scikit-learn's default tolerance: its own values are up to 5e-4 off then.
      const LinearHead of_model =
          solve_label_head_on_all(as_frozen(features, truth), HeadKind::linear_svm, weights, c);
      EXPECT_LT(test::max_difference(head_logits(of_model, tested).data(), expected.data()), 2e-3);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 2U * 8U);
}

TEST_F(SeveralGolden, LogisticHeadsOfLabelsAreScikitLearns) {
  std::size_t compared = 0;
  for (const Json& set : golden_["labels"]) {
    const Tensor features = test::golden_table(set["features"]), truth = test::golden_table(set["truth"]),
                 tested = test::golden_table(set["test"]);
    for (const Json& one : set["heads"]) {
      if (one["kind"] != "logistic") continue;
      SCOPED_TRACE(one["c"].dump() + " " + one["positive_weights"].dump());
      const LinearHead head =
          solve_label_head_on_all(as_frozen(features, truth), HeadKind::logistic,
                                  one["positive_weights"].get<std::vector<double>>(), one["c"].get<double>());
      const Tensor expected = sigmoid_of(test::golden_table(one["decisions"]));
      EXPECT_LT(test::max_difference(sigmoid_of(head_logits(head, tested)).data(), expected.data()), 5e-4);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 2U * 8U);
}

TEST_F(SeveralGolden, FiguresOfLabelsAreScikitLearns) {
  for (const Json& set : golden_["labels"]) {
    const Tensor truth = test::golden_table(set["test_truth"]);
    const std::vector<double> thresholds(static_cast<std::size_t>(truth.shape()[1]), 0.5);
    for (const Json& one : set["heads"]) {
      SCOPED_TRACE(one["kind"].dump() + " " + one["c"].dump());
      const Tensor decisions = test::golden_table(one["decisions"]);
      test::expect_label_figures(several_labels_figures(sigmoid_of(decisions), truth, thresholds),
                                 one["figures"]);
      const double loss = one["figures"]["loss"].get<double>();
      EXPECT_NEAR(several_loss(decisions, truth), loss, 1e-6 * (1 + loss));
    }
  }
}

TEST_F(SeveralGolden, HeadsAndFiguresOfNumbersAreScikitLearns) {
  for (const Json& set : golden_["numbers"]) {
    const Tensor features = test::golden_table(set["features"]), numbers = test::golden_table(set["numbers"]),
                 tested = test::golden_table(set["test"]), truth = test::golden_table(set["test_numbers"]);
    const auto weights = set["weights"].get<std::vector<float>>();
    for (const Json& one : set["heads"]) {
      SCOPED_TRACE(one["alpha"].dump() + " " + one["weighted"].dump());
      const RidgeSolver solver(features, numbers, one["weighted"] == true ? weights : std::vector<float>{});
      const Tensor answers = test::golden_table(one["answers"]);
      const Tensor found = head_logits(solver.solve(one["alpha"].get<double>()), tested);
      EXPECT_LT(test::max_difference(found.data(), answers.data()), 1e-4);  // of numbers about 40
      const std::vector<NumberFigures> figures = number_figures(answers, truth);
      ASSERT_EQ(figures.size(), one["figures"].size());
      for (std::size_t k = 0; k < figures.size(); ++k) {
        const Json& expected = one["figures"][k];
        EXPECT_NEAR(figures[k].mean_absolute_error, expected["mean_absolute_error"].get<double>(), 1e-9) << k;
        EXPECT_NEAR(figures[k].mean_squared_error, expected["mean_squared_error"].get<double>(), 1e-9) << k;
        EXPECT_NEAR(figures[k].median_absolute_error, expected["median_absolute_error"].get<double>(), 1e-9)
            << k;
        EXPECT_NEAR(figures[k].r2.value(), expected["r2"].get<double>(), 1e-9) << k;
      }
    }
  }
}

}  // namespace
}  // namespace graft::transfer
