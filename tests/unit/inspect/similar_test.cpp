// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/inspect.hpp"

namespace graft {
namespace {

TEST(Similar, TheNearestDirectionsComeFirst) {
  const PhotoFeatures photos{.files = {"a", "b", "c"},
                             .rows = Tensor::from({3, 2}, std::vector<float>{0, 5, 3, 3, 1, 0})};
  const auto found = most_similar(photos, Tensor::from({1, 2}, std::vector<float>{2, 0}), 2);
  ASSERT_EQ(found.size(), 1U);
  ASSERT_EQ(found[0].size(), 2U);
  EXPECT_EQ(found[0][0].photo, 2U);
  EXPECT_NEAR(found[0][0].distance, 0, 1e-7);
  EXPECT_EQ(found[0][1].photo, 1U);
  EXPECT_NEAR(found[0][1].distance, 1 - std::sqrt(0.5), 1e-6);
  EXPECT_THROW(static_cast<void>(most_similar(photos, Tensor(Shape{1, 3}), 1)), Error);
}

TEST(PrincipalPlane, AxesAreThoseOfLargestVariance) {
  // On the unit circle around (1, 0): y varies most, x little.
  std::vector<float> rows;
  const std::vector<double> angles{-0.5, -0.3, -0.1, 0.05, 0.2, 0.65};
  for (const double angle : angles) {
    rows.push_back(static_cast<float>(3 * std::cos(angle)));  // the length does not matter
    rows.push_back(static_cast<float>(3 * std::sin(angle)));
  }
  const FeaturePlane plane = principal_plane(Tensor::from({6, 2}, rows));
  EXPECT_NEAR(plane.explained[0] + plane.explained[1], 1, 1e-9);
  EXPECT_GT(plane.explained[0], 0.9);
  for (std::size_t i = 1; i < angles.size(); ++i) EXPECT_GT(plane.points[i][0], plane.points[i - 1][0]);
  double product = 0;
  for (const auto& point : plane.points) product += point[0] * point[1];
  EXPECT_NEAR(product, 0, 1e-7);  // uncorrelated, as far as the directions have converged (1e-6)
}

TEST(PrincipalPlane, EqualRowsAreOnePoint) {
  const FeaturePlane plane = principal_plane(Tensor::from({2, 2}, std::vector<float>{1, 1, 2, 2}));
  EXPECT_NEAR(plane.points[0][0], plane.points[1][0], 1e-6);
  EXPECT_TRUE(std::isfinite(plane.explained[0]));
  EXPECT_TRUE(principal_plane(Tensor(Shape{0, 4})).points.empty());
  EXPECT_THROW(static_cast<void>(principal_plane(Tensor(Shape{4}))), Error);
}

}  // namespace
}  // namespace graft
