// SPDX-License-Identifier: Apache-2.0
#include "graft/classify/best_class.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace graft {
namespace {

TEST(BestClass, IsTheFirstOfTheLargest) {
  EXPECT_EQ(best_class(std::vector<float>{0.1F, 0.5F, 0.5F}), 1U);
  EXPECT_EQ(best_class(std::vector<float>{NAN, 0.2F, 0.1F}), 1U);
  EXPECT_EQ(best_class(std::vector<float>{0.2F, NAN, 0.3F}), 2U);
}

TEST(BestClass, OfRowsAreCounted) {
  const Tensor probabilities = Tensor::from({3, 2}, std::vector<float>{0.9F, 0.1F, 0.2F, 0.8F, 0.5F, 0.5F});
  EXPECT_EQ(best_classes(probabilities), (std::vector<int>{0, 1, 0}));
  EXPECT_EQ(equal_classes(best_classes(probabilities), std::vector<int>{0, 1, 1}), 2U);
}

}  // namespace
}  // namespace graft
