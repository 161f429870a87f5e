// SPDX-License-Identifier: Apache-2.0
// Maps by neighbourhoods: t-SNE, and the forces that it sums up in squares.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "graft/base/execution_scope.hpp"
#include "graft/error.hpp"
#include "graft/inspect.hpp"

#include "inspect/features/quad_tree.hpp"
#include "support.hpp"

namespace graft {
namespace {

constexpr std::size_t kGroups = 4, kOfEach = 40, kWidth = 20;

/// Points around kGroups directions.
Tensor groups() {
  const std::vector<double> noise = test::u01("map", kGroups * kOfEach * kWidth);
  Tensor rows({static_cast<std::int64_t>(kGroups * kOfEach), static_cast<std::int64_t>(kWidth)});
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const std::size_t group = i / kWidth / kOfEach;
    rows.data()[i] = static_cast<float>(noise[i] + (i % kWidth % kGroups == group ? 1.0 : 0.0));
  }
  return rows;
}

double squared_distance(const std::array<double, 2>& a, const std::array<double, 2>& b) {
  return (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]);
}

TEST(NeighbourMap, PhotosThatAreAlikeStayNear) {
  const auto map = neighbour_map(groups());
  ASSERT_EQ(map.size(), kGroups * kOfEach);
  std::size_t own = 0;
  for (std::size_t i = 0; i < map.size(); ++i) {
    std::vector<std::size_t> others;
    for (std::size_t j = 0; j < map.size(); ++j)
      if (j != i) others.push_back(j);
    std::ranges::sort(others, {}, [&](std::size_t j) { return squared_distance(map[i], map[j]); });
    for (std::size_t k = 0; k < 5; ++k) own += others[k] / kOfEach == i / kOfEach ? 1 : 0;
  }
  EXPECT_GE(own, 5 * map.size() * 98 / 100);
}

TEST(NeighbourMap, DoesNotDependOnThreads) {
  const auto with = [](int threads) {
    const ExecutionScope scope({.threads = threads});
    return neighbour_map(groups(), {.steps = 300});
  };
  EXPECT_EQ(with(1), with(2));
}

TEST(NeighbourMap, TakesFewAndEqualRows) {
  for (const std::int64_t rows : {0, 1, 2, 3, 5}) {
    const std::vector<float> ones(static_cast<std::size_t>(4 * rows), 1.0F);
    const auto map = neighbour_map(Tensor::from({rows, 4}, ones), {.steps = 30});
    ASSERT_EQ(map.size(), static_cast<std::size_t>(rows));
    for (const auto& point : map) EXPECT_TRUE(std::isfinite(point[0]) && std::isfinite(point[1]));
  }
  EXPECT_THROW(static_cast<void>(neighbour_map(Tensor(Shape{4}))), Error);
  EXPECT_THROW(static_cast<void>(neighbour_map(groups(), {.perplexity = 0})), Error);
  EXPECT_THROW(static_cast<void>(neighbour_map(groups(), {.steps = 0})), Error);
}

TEST(NeighbourMap, StopsWhenAsked) {
  try {
    static_cast<void>(
        neighbour_map(groups(), {.progress = [](std::size_t done, std::size_t) { return done < 3; }}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::interrupted);
  }
}

TEST(NeighbourMap, FewRowsHaveSeveralStarts) {
  const auto steps_of = [](std::int64_t rows) {
    const std::vector<double> noise = test::u01("starts", static_cast<std::size_t>(rows) * 3);
    const std::vector<float> values(noise.begin(), noise.end());
    std::size_t last = 0, all = 0;
    const auto count = [&](std::size_t done, std::size_t total) {
      last = done;
      all = total;
      return true;
    };
    static_cast<void>(neighbour_map(Tensor::from({rows, 3}, values), {.steps = 5, .progress = count}));
    EXPECT_EQ(last, all);
    return all;
  };
  EXPECT_EQ(steps_of(300), 20U);
  EXPECT_EQ(steps_of(301), 5U);
}

TEST(QuadTree, ForcesAreThoseOfAllPairs) {
  const std::vector<double> noise = test::u01("forces", 600);
  std::vector<PlanePoint> points;
  for (std::size_t i = 0; i < 300; ++i) points.push_back({10 * noise[2 * i], noise[2 * i + 1]});
  points.push_back(points[7]);  // at one place
  points.push_back(points[7]);
  const QuadTree tree(points);
  for (const std::size_t i : {std::size_t{0}, std::size_t{7}, std::size_t{120}, std::size_t{301}}) {
    Repulsion wanted;
    for (std::size_t j = 0; j < points.size(); ++j) {
      if (j == i) continue;
      const double pull = 1 / (1 + squared_distance(points[i], points[j]));
      wanted.weight += pull;
      for (std::size_t axis = 0; axis < 2; ++axis)
        wanted.force[axis] += pull * pull * (points[i][axis] - points[j][axis]);
    }
    const Repulsion exact = tree.repulsion(i, 0);
    EXPECT_NEAR(exact.weight, wanted.weight, 1e-9);
    EXPECT_NEAR(exact.force[0], wanted.force[0], 1e-9);
    EXPECT_NEAR(exact.force[1], wanted.force[1], 1e-9);
    const Repulsion rough = tree.repulsion(i, 0.5);
    EXPECT_NEAR(rough.weight, wanted.weight, 0.02 * wanted.weight);
  }
}

}  // namespace
}  // namespace graft
