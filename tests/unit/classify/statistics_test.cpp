// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/evaluation.hpp"

namespace graft {
namespace {

TEST(WilsonInterval, IsThatOfThePublishedTable) {
  // Newcombe 1998, Statistics in Medicine 17, table I, method 3.
  struct Published {
    std::size_t right, total;
    double low, high;
  };
  for (const Published& row : {Published{81, 263, 0.2553, 0.3662}, Published{15, 148, 0.0624, 0.1605},
                               Published{0, 20, 0, 0.1611}}) {
    const Interval interval = wilson_interval(row.right, row.total);
    EXPECT_NEAR(interval.low, row.low, 6e-5);
    EXPECT_NEAR(interval.high, row.high, 6e-5);
  }
}

TEST(WilsonInterval, AllOrNoneRightStillDependsOnTheTotal) {
  EXPECT_NEAR(wilson_interval(20, 20).low, 0.8389, 6e-5);
  EXPECT_EQ(wilson_interval(20, 20).high, 1);
  EXPECT_EQ(wilson_interval(0, 20).low, 0);
  EXPECT_EQ(wilson_interval(0, 0), (Interval{0, 1}));
  EXPECT_THROW(static_cast<void>(wilson_interval(3, 2)), Error);
}

TEST(Spread, IsMeanAndDeviationOfTheSample) {
  const Spread spread = spread_of(std::array{0.9, 1.0, 0.8});
  EXPECT_DOUBLE_EQ(spread.mean, 0.9);
  EXPECT_NEAR(spread.deviation, 0.1, 1e-12);
  EXPECT_EQ(spread.lowest, 0.8);
  EXPECT_EQ(spread.highest, 1.0);
  EXPECT_EQ(spread_of(std::array{0.5}).deviation, 0);
  EXPECT_EQ(spread_of({}).mean, 0);
}

}  // namespace
}  // namespace graft
