// SPDX-License-Identifier: Apache-2.0
// Ridge regression and the head for numbers: scikit-learn 1.9.1's Ridge.
#include "transfer/heads/ridge.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "graft/error.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/features/rows.hpp"
#include "transfer/numbers/numbers_head.hpp"
#include "transfer/numbers/numbers_photos.hpp"

namespace graft {
namespace {

const std::vector<float> kRidgeFeatures{
    1.79F,  1.87F,  5.05F, -5.59F, -0.28F, 0.29F,  4.96F, -1.88F, -0.04F, 0.05F,  4.34F, 2.65F,
    0.88F,  4.42F,  5.03F, -1.21F, -0.55F, -2.09F, 5.49F, -3.3F,  -1.19F, 0.59F,  5.74F, 0.71F,
    -1.02F, -0.43F, 5.31F, -0.48F, -0.77F, 0.54F,  5.37F, 5.93F,  -1.24F, -0.25F, 4.6F,  -7.26F,
    -0.92F, -1.05F, 5.56F, -0.4F,  -1.62F, 2.29F,  4.82F, -5.23F, -0.6F,  -0.18F, 4.56F, 0.09F,
    -2.25F, 0.46F,  5.51F, 2.56F,  1.11F,  3.24F,  5.74F, -3.35F, 0.85F,  -2.72F, 4.7F,  -5.74F,
    1.05F,  3.67F,  4.9F,  5.32F,  -0.67F, 1.3F,   5.08F, -3.19F, 0.44F,  4.88F,  4.49F, 2.7F,
    -0.15F, 4.54F,  5.24F, 2.03F,  0.64F,  1.5F,   4.3F,  4.17F,  -1.37F, 1.48F,  5.31F, -2.51F,
    0.15F,  3.34F,  4.99F, -2.67F, -2.92F, -0.94F, 4.7F,  -1.55F, -0.96F, 1.75F,  4.71F, -0.33F};
const std::vector<float> kRidgeTruth{
    34.8F, 1958.4F, 26.6F, 1978,    29.1F, 1999.5F, 29,    1979.2F, 33.7F, 1970.7F, 21.5F, 1990.8F,
    26.6F, 1984.5F, 27,    2016.9F, 28,    1950.1F, 28.7F, 1984.3F, 17.9F, 1960.7F, 26.5F, 1989.4F,
    21.4F, 2000.6F, 28.6F, 1969.7F, 37.8F, 1958.9F, 26.5F, 2013.1F, 23.9F, 1970.6F, 23.4F, 2001.4F,
    18.9F, 1996.6F, 30.5F, 2006.2F, 23.3F, 1973.5F, 24.9F, 1973.7F, 18.5F, 1979.4F, 25.3F, 1986.6F};

Tensor ridge_table(const std::vector<float>& values, std::int64_t width) {
  Tensor result({static_cast<std::int64_t>(values.size()) / width, width});
  std::ranges::copy(values, result.data<float>().begin());
  return result;
}

/// kernel: number by number, as scikit-learn's coef_.
void expect_ridge(const LinearHead& head, const std::vector<double>& kernel,
                  const std::vector<double>& bias) {
  for (std::size_t k = 0; k < 2; ++k) {
    for (std::size_t d = 0; d < 4; ++d)
      EXPECT_NEAR(head.kernel.data<float>()[d * 2 + k], kernel[k * 4 + d], 2e-6) << d << " " << k;
    EXPECT_NEAR(head.bias.data<float>()[k], bias[k], 1e-7 * std::abs(bias[k]) + 1e-5);
  }
}

TEST(Ridge, IsScikitLearns) {
  expect_ridge(RidgeSolver(ridge_table(kRidgeFeatures, 4), ridge_table(kRidgeTruth, 2)).solve(2.5),
               {3.732606, -1.641321, -0.062103, -0.091511, -0.178779, -0.060911, -0.129071, 4.976981},
               {30.0429, 1987.52466});
}

TEST(Ridge, RowsCountByTheirWeights) {
  std::vector<float> weights;
  for (int i = 0; i < 24; ++i) weights.push_back(static_cast<float>(1 + i % 3));
  expect_ridge(RidgeSolver(ridge_table(kRidgeFeatures, 4), ridge_table(kRidgeTruth, 2), weights).solve(2.5),
               {3.834508, -1.641565, -0.303114, -0.10306, -0.110957, -0.060116, -0.205207, 5.008513},
               {31.23808, 1988.04936});
}

TEST(Ridge, FewerRowsThanFeaturesAreSolvedByRows) {
  const Tensor features = ridge_table(kRidgeFeatures, 4).slice(0, 3),
               truth = ridge_table(kRidgeTruth, 2).slice(0, 3);
  expect_ridge(RidgeSolver(features, truth).solve(0.7),
               {2.165168, 1.316572, -0.406511, 0.058451, -0.67201, -0.796875, -0.452211, 4.532457},
               {30.17425, 1988.99488});
  expect_ridge(RidgeSolver(features, truth, std::vector<float>{1, 2, 3}).solve(0.7),
               {2.509723, 1.512746, -0.491074, 0.224104, -0.568448, -0.739925, -0.480627, 4.605843},
               {30.44, 1989.22596});
}

TEST(Ridge, FeaturesThatDoNotVaryGiveTheMean) {
  const LinearHead head = RidgeSolver(ridge_table({1, 1, 1, 1}, 1), ridge_table({1, 2, 3, 6}, 1)).solve(1);
  EXPECT_EQ(head.kernel.data<float>()[0], 0);
  EXPECT_EQ(head.bias.data<float>()[0], 3);
  EXPECT_THROW(RidgeSolver(Tensor({0, 2}), Tensor({0, 1})), Error);
}

/// Larger than a panel of the factor, with a rest: the matrix times the solution is the right side.
TEST(Ridge, SolvesLargePositiveMatrices) {
  constexpr std::size_t kSize = 203;
  std::vector<double> matrix(kSize * kSize), right(kSize * 2);
  const auto entry = [](std::size_t i, std::size_t j) {
    return std::cos(static_cast<double>((i + 1) * (j + 1) % 17)) + (i == j ? 80 : 0);
  };
  for (std::size_t i = 0; i < kSize; ++i) {
    for (std::size_t j = 0; j <= i; ++j) matrix[i * kSize + j] = entry(i, j);
    right[i * 2] = static_cast<double>(i);
    right[i * 2 + 1] = 1;
  }
  std::vector<double> solution = right;
  solve_positive(matrix, solution, 2);
  for (std::size_t i = 0; i < kSize; ++i) {
    for (std::size_t k = 0; k < 2; ++k) {
      double sum = 0;
      for (std::size_t j = 0; j < kSize; ++j)
        sum += entry(std::max(i, j), std::min(i, j)) * solution[j * 2 + k];
      ASSERT_NEAR(sum, right[i * 2 + k], 1e-8) << i;
    }
  }
}

TEST(NumbersHead, AnswersForPhotosThatItHasNotSeen) {
  const Tensor features = ridge_table(kRidgeFeatures, 4), truth = ridge_table(kRidgeTruth, 2);
  const FrozenData data{.train = features.slice(0, 16),
                        .validation = features.slice(16, 24),
                        .train_truth = truth.slice(0, 16),
                        .validation_truth = truth.slice(16, 24),
                        .folds = {{0, 2, 4, 6, 8, 10, 12, 14}, {1, 3, 5, 7, 9, 11, 13, 15}}};
  const TrainOptions silent;
  transfer::Reporter reporter(silent);
  const StrengthChoice choice = choose_strength(data, numbers_method(data), reporter, "head");
  ASSERT_EQ(choice.answered.size(), 24U);
  EXPECT_EQ(choice.answered.front(), 16U);
  EXPECT_EQ(choice.folds[8], 1U);
  EXPECT_NEAR(choice.loss, numbers_loss(choice.values, choice.truth, data.train_truth), 1e-12);
  EXPECT_LT(choice.loss, 0.2);  // answering with the mean gives about 1
  // The first fold's answers are those of a head on the second.
  const RidgeSolver other(take_rows(features, data.folds[1]), take_rows(truth, data.folds[1]));
  const Tensor expected =
      head_logits(other.solve(choice.strength * other.unit()), take_rows(features, data.folds[0]));
  for (std::size_t i = 0; i < 16; ++i)
    EXPECT_EQ(choice.values.data<float>()[16 + i], expected.data<float>()[i]);
  for (const TriedStrength& one : choice.tried) EXPECT_GE(one.loss, choice.loss);
  // Views count as further rows, and the last head knows all photos.
  FrozenData twice = data;
  twice.train = Tensor({32, 4});
  twice.train.slice(0, 16).copy_from(data.train);
  twice.train.slice(16, 32).copy_from(data.train);
  twice.validation = features.slice(16, 17);
  twice.validation_truth = truth.slice(16, 17);
  std::vector<float> weights(17, 2);
  weights.back() = 1;
  const RidgeHead head = solve_numbers_on_all(twice, 0.1);
  const LinearHead weighted =
      RidgeSolver(features.slice(0, 17), truth.slice(0, 17), weights).solve(head.alpha);
  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_NEAR(head.head.kernel.data<float>()[i], weighted.kernel.data<float>()[i], 1e-5);
}

TEST(NumbersHead, PartsHaveLowAndHighNumbers) {
  EXPECT_EQ(quarters_of({5, 1, 7, 3, 2, 8, 6, 4}), (std::vector<int>{2, 0, 3, 1, 0, 3, 2, 1}));
  EXPECT_EQ(quarters_of({2, 2, 2, 2}), (std::vector<int>{3, 3, 3, 3}));
  EXPECT_TRUE(quarters_of({}).empty());
}

}  // namespace
}  // namespace graft
