// SPDX-License-Identifier: Apache-2.0
// The logistic head over more rows than it works on at a time, and rows that are too large for memory.
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/random.hpp"
#include "graft/transfer/logistic_head.hpp"

#include "transfer/features/rows.hpp"

namespace graft::transfer {
namespace {

constexpr std::int64_t kManyRows = 5000, kWidth = 6, kClasses = 3;

struct NoisyRows {
  Tensor features{Shape{kManyRows, kWidth}};
  std::vector<int> labels;
  NoisyRows() {
    Rng random(11);
    const auto x = features.data<float>();
    for (std::int64_t row = 0; row < kManyRows; ++row) {
      labels.push_back(static_cast<int>(random.below(kClasses)));
      for (std::int64_t d = 0; d < kWidth; ++d) {
        const float own = d == labels.back() ? 1.5F : 0.0F;
        x[static_cast<std::size_t>(row * kWidth + d)] =
            own + 3.0F * static_cast<float>(random.uniform()) + 7.0F;
      }
    }
  }
};

/// The gradient by the kernel of what LogisticSolver says that it minimises, in double.
std::vector<double> slope(const NoisyRows& rows, const LinearHead& head, const LogisticSolver& solver,
                          double l2) {
  const auto x = rows.features.data<float>();
  const auto w = head.kernel.data<float>();
  std::vector<double> mean(kWidth, 0.0), gradient(kWidth * kClasses, 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) mean[i % kWidth] += static_cast<double>(x[i]) / kManyRows;
  for (std::size_t row = 0; row < kManyRows; ++row) {
    double power[kClasses], sum = 0;
    for (std::size_t k = 0; k < kClasses; ++k) {
      double logit = static_cast<double>(head.bias.data<float>()[k]);
      for (std::size_t d = 0; d < kWidth; ++d)
        logit += static_cast<double>(x[row * kWidth + d]) * static_cast<double>(w[d * kClasses + k]);
      sum += power[k] = std::exp(logit);
    }
    for (std::size_t k = 0; k < kClasses; ++k) {
      const double miss = power[k] / sum - (rows.labels[row] == static_cast<int>(k) ? 1 : 0);
      for (std::size_t d = 0; d < kWidth; ++d)
        gradient[d * kClasses + k] +=
            miss * (static_cast<double>(x[row * kWidth + d]) - mean[d]) * solver.scale() / kManyRows;
    }
  }
  for (std::size_t i = 0; i < gradient.size(); ++i)
    gradient[i] += l2 * static_cast<double>(w[i]) / solver.scale();
  return gradient;
}

TEST(LogisticSolver, FindsTheMinimumOverMoreRowsThanItTakesAtATime) {
  const NoisyRows rows;
  for (const double l2 : {1.0, 0.01}) {
    LogisticSolver solver(rows.features, rows.labels, kClasses);
    const LinearHead head = solver.solve(l2);
    for (const double s : slope(rows, head, solver, l2)) EXPECT_NEAR(s, 0, 3e-5) << l2;
  }
}

TEST(LogisticSolver, RowsTooLargeForMemoryGiveTheSameHead) {
  const NoisyRows rows;
  Tensor mapped = zero_rows(rows.features.shape(), 1024);
  for (const float zero : mapped.data<float>()) ASSERT_EQ(zero, 0);
  mapped.copy_from(rows.features);
  const LinearHead a = LogisticSolver(rows.features, rows.labels, kClasses).solve(0.1);
  const LinearHead b = LogisticSolver(mapped, rows.labels, kClasses).solve(0.1);
  for (std::int64_t i = 0; i < a.kernel.count(); ++i)
    ASSERT_EQ(a.kernel.data<float>()[static_cast<std::size_t>(i)],
              b.kernel.data<float>()[static_cast<std::size_t>(i)]);
}

}  // namespace
}  // namespace graft::transfer
