// SPDX-License-Identifier: Apache-2.0
// The sigmoid head for several labels: scikit-learn 1.9.1's LogisticRegression class by class.
#include "transfer/several/several_head.hpp"

#include <gtest/gtest.h>

#include "transfer/context/reporter.hpp"
#include "transfer/features/rows.hpp"
#include "transfer/heads/linear_svm.hpp"
#include "transfer/measure/label_decisions.hpp"
#include "transfer/several/several_classical.hpp"

namespace graft {
namespace {

const std::vector<float> kFeatures{
    0.65F,  2.67F,  0.42F,  -0.92F, -0.6F,  -0.59F, -0.3F,  3.9F,   1.53F,  0.67F, 1.65F,  0.68F,  -0.01F,
    -0.24F, -0.67F, -0.06F, 6.78F,  0.87F,  -0.34F, -1.41F, -0.86F, 0.37F,  1.17F, -1.44F, 0.49F,  -1.71F,
    1.43F,  0.16F,  5.16F,  -0.46F, -0.29F, 0.9F,   1.06F,  0.57F,  -3.69F, 0.18F, 0.02F,  -1.29F, -0.65F,
    1.75F,  -1.17F, -0.85F, 0.64F,  0.39F,  -0.08F, 0.78F,  1.47F,  0.36F,  0.96F, 0.84F,  -0.62F, -0.36F,
    -1.56F, 0.21F,  -1.08F, -5.49F, 0.09F,  -1.34F, -5.85F, 0.37F,  -0.71F, 1.5F,  -0.53F, -1.12F, -3.72F,
    -0.51F, -0.27F, -2.46F, -0.28F, -1.54F, 0.03F,  -1.79F, -0.19F, 2.1F,   1.09F, 1.71F,  -4.68F, 0.76F,
    1.21F,  2.94F,  -0.93F, 0.41F,  5.58F,  -1.5F,  0.48F,  3.33F,  -0.7F,  0.58F, -3.21F, -0.81F};
const std::vector<float> kTruth{1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 1, 1,
                                0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0,
                                0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0};

Tensor table(const std::vector<float>& values, std::int64_t width) {
  Tensor result({static_cast<std::int64_t>(values.size()) / width, width});
  std::ranges::copy(values, result.data<float>().begin());
  return result;
}

void expect_head(const LinearHead& head, const std::vector<float>& kernel, const std::vector<float>& bias) {
  for (std::size_t k = 0; k < 2; ++k) {
    for (std::size_t d = 0; d < 3; ++d)
      EXPECT_NEAR(head.kernel.data<float>()[d * 2 + k], kernel[k * 3 + d], 2e-4);
    EXPECT_NEAR(head.bias.data<float>()[k], bias[k], 2e-4);
  }
}

TEST(SeveralHead, IsScikitLearnsClassByClass) {
  LogisticSolver solver(table(kFeatures, 3), table(kTruth, 2));
  expect_head(solver.solve(0.03, 1e-8), {1.016982, -0.019899, -0.591892, -0.429121, 0.60983, -0.89729},
              {0.151028, -1.567265});
  solver.weigh_labels(std::vector<double>{3, 3}, {});
  expect_head(solver.solve(0.03, 1e-8), {1.295957, -0.036592, -0.740477, -0.654485, 0.703138, -1.201541},
              {1.044675, -0.949108});
}

/// scikit-learn's OneVsRestClassifier trains a LinearSVC on each label alone.
TEST(SeveralHead, ASvmOfALabelIsThatOfTwoClasses) {
  const Tensor features = table(kFeatures, 3), truth = table(kTruth, 2);
  const LinearHead both =
      solve_label_svms({.features = features, .truth = truth, .positive_weights = {}}, 0.1, 1e-6);
  for (std::size_t k = 0; k < 2; ++k) {
    std::vector<int> labels;
    for (std::size_t row = 0; row < 30; ++row) labels.push_back(static_cast<int>(kTruth[2 * row + k]));
    const LinearHead one =
        solve_linear_svm({.features = features, .labels = labels, .weights = {1, 1}}, 0.1, 1e-6);
    for (std::size_t d = 0; d < 3; ++d)
      EXPECT_NEAR(both.kernel.data<float>()[d * 2 + k], one.kernel.data<float>()[d * 2 + 1], 1e-4);
    EXPECT_NEAR(both.bias.data<float>()[k], one.bias.data<float>()[1], 1e-4);
  }
  // What photos with a label count moves the border towards the others.
  const std::vector<double> weights{5, 1};
  const LinearHead weighted =
      solve_label_svms({.features = features, .truth = truth, .positive_weights = weights}, 0.1, 1e-6);
  EXPECT_GT(weighted.bias.data<float>()[0], both.bias.data<float>()[0] + 0.05F);
  EXPECT_NEAR(weighted.bias.data<float>()[1], both.bias.data<float>()[1], 1e-6);
}

TEST(SeveralHead, ALabelOfNoRowOrOfAllIsTheBiasAlone) {
  const Tensor features = table(kFeatures, 3);
  Tensor truth({30, 2});
  for (std::size_t row = 0; row < 30; ++row) truth.data<float>()[2 * row + 1] = 1;
  const LinearHead head =
      solve_label_svms({.features = features, .truth = truth, .positive_weights = {}}, 1, 1e-4);
  EXPECT_EQ(head.bias.data<float>()[0], -1);
  EXPECT_EQ(head.bias.data<float>()[1], 1);
  for (const float weight : head.kernel.data<float>()) EXPECT_EQ(weight, 0);
}

/// scikit-learn's C of a label's LogisticRegression: 1 / (30 l2) of this solver on features as they are.
TEST(SeveralHead, StrengthsOfClassicalHeadsAreScikitLearns) {
  const Tensor features = table(kFeatures, 3), truth = table(kTruth, 2);
  LogisticSolver solver(features, truth);
  const std::vector<double> strengths = label_strengths(HeadKind::logistic, 2.0);
  ASSERT_EQ(strengths, std::vector<double>{2.0});
  const HeadMethod method = label_head_method(HeadKind::logistic, strengths, {});
  const LinearHead head = method.prepare({.features = features, .truth = truth})(2.0);
  const LinearHead same = solver.solve(solver.scale() * solver.scale() / (2.0 * 30), 1e-8);
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_NEAR(head.kernel.data<float>()[i], same.kernel.data<float>()[i], 0.03);
  EXPECT_EQ(method.errors(truth, truth), 0);
  Tensor none(truth.shape());
  EXPECT_EQ(method.errors(none, truth), std::ranges::count(kTruth, 1.0F));
  EXPECT_FALSE(has_label_machines(HeadKind::knn));
}

TEST(SeveralHead, RowsCountByTheirWeights) {
  LogisticSolver solver(table(kFeatures, 3), table(kTruth, 2));
  std::vector<float> weights;
  for (int i = 0; i < 30; ++i) weights.push_back(static_cast<float>(1 + i % 3));
  solver.weigh_labels({}, weights);
  expect_head(solver.solve(0.03, 1e-8), {1.486629F, -0.133043F, -0.774382F, -0.663572F, 0.740949F, -1.36098F},
              {0.080645F, -1.622956F});
}

TEST(SeveralHead, AnswersForPhotosThatItHasNotSeen) {
  const Tensor features = table(kFeatures, 3), truth = table(kTruth, 2);
  FrozenData data{.train = features.slice(0, 20),
                  .validation = features.slice(20, 30),
                  .train_truth = truth.slice(0, 20),
                  .validation_truth = truth.slice(20, 30),
                  .folds = {{0, 2, 4, 6, 8, 10, 12, 14, 16, 18}, {1, 3, 5, 7, 9, 11, 13, 15, 17, 19}}};
  const TrainOptions silent;
  transfer::Reporter reporter(silent);
  const StrengthChoice choice = choose_strength(data, several_method({}), reporter, "head");
  ASSERT_EQ(choice.answered.size(), 30U);
  EXPECT_EQ(choice.answered.front(), 20U);
  EXPECT_EQ(choice.folds[10], 1U);
  EXPECT_NEAR(choice.loss, several_loss(choice.values, choice.truth), 1e-12);
  // The first fold's answers are those of a head on the second.
  const Tensor even = take_rows(features, data.folds[0]), odd = take_rows(features, data.folds[1]);
  LogisticSolver other(odd, take_rows(truth, data.folds[1]));
  const Tensor logits = head_logits(other.solve(choice.strength), even);
  for (std::size_t i = 0; i < 20; ++i)
    EXPECT_NEAR(choice.values.data<float>()[20 + i], logits.data<float>()[i], 0.02);
  EXPECT_GE(choice.tried.size(), 3U);
}

}  // namespace
}  // namespace graft
