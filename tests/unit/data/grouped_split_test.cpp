// SPDX-License-Identifier: Apache-2.0
#include "graft/data/grouped_split.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "graft/error.hpp"

namespace graft::data {
namespace {

using Parts = std::vector<std::vector<std::size_t>>;

std::vector<int> labels_of(const std::vector<std::size_t>& counts) {
  std::vector<int> labels;
  for (std::size_t k = 0; k < counts.size(); ++k) labels.insert(labels.end(), counts[k], static_cast<int>(k));
  return labels;
}

std::size_t count(const std::vector<std::size_t>& part, const std::vector<int>& labels, int label) {
  return static_cast<std::size_t>(
      std::ranges::count_if(part, [&](std::size_t i) { return labels[i] == label; }));
}

/// Every sample is in exactly one part.
void expect_partition(const Parts& parts, std::size_t samples) {
  std::set<std::size_t> seen;
  std::size_t all = 0;
  for (const auto& part : parts) {
    EXPECT_TRUE(std::ranges::is_sorted(part));
    seen.insert(part.begin(), part.end());
    all += part.size();
  }
  EXPECT_EQ(all, samples);
  EXPECT_EQ(seen.size(), samples);
}

TEST(GroupedSplit, WithoutGroupsEachPartHasEachClassInItsFraction) {
  const std::vector<int> labels = labels_of({100, 40, 10});
  const std::array fractions = {0.7, 0.1, 0.2};
  const Parts parts = grouped_split({.labels = labels, .groups = {}, .seed = 3}, fractions);
  expect_partition(parts, 150);
  for (std::size_t p = 0; p < 3; ++p) {
    EXPECT_EQ(count(parts[p], labels, 0), static_cast<std::size_t>(100 * fractions[p] + 0.5));
    EXPECT_EQ(count(parts[p], labels, 1), static_cast<std::size_t>(40 * fractions[p] + 0.5));
    EXPECT_EQ(count(parts[p], labels, 2), static_cast<std::size_t>(10 * fractions[p] + 0.5));
  }
}

TEST(GroupedSplit, NoGroupIsInTwoParts) {
  const std::vector<int> labels = labels_of({60, 60});
  std::vector<std::size_t> groups;
  for (std::size_t i = 0; i < labels.size(); ++i) groups.push_back(1000 - i / 5);  // 24 groups of 5
  const std::array fractions = {0.6, 0.2, 0.2};
  const Parts parts = grouped_split({.labels = labels, .groups = groups, .seed = 1}, fractions);
  expect_partition(parts, labels.size());
  std::map<std::size_t, std::set<std::size_t>> where;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    for (const std::size_t i : parts[p]) where[groups[i]].insert(p);
    EXPECT_NEAR(static_cast<double>(count(parts[p], labels, 0)), 60 * fractions[p], 3);
    EXPECT_NEAR(static_cast<double>(count(parts[p], labels, 1)), 60 * fractions[p], 3);
  }
  for (const auto& [group, in] : where) EXPECT_EQ(in.size(), 1U) << group;
}

TEST(GroupedSplit, SeedDecidesAndNothingElse) {
  const std::vector<int> labels = labels_of({30, 30});
  const std::array fractions = {0.5, 0.5};
  const GroupedSplit samples{.labels = labels, .groups = {}, .seed = 1};
  EXPECT_EQ(grouped_split(samples, fractions), grouped_split(samples, fractions));
  EXPECT_NE(grouped_split(samples, fractions),
            grouped_split({.labels = labels, .groups = {}, .seed = 2}, fractions));
}

TEST(GroupedSplit, PartSmallerThanAnyGroupStillGetsOne) {
  const std::vector<int> labels = labels_of({24});
  std::vector<std::size_t> groups;
  for (std::size_t i = 0; i < labels.size(); ++i) groups.push_back(i / 4);
  const Parts parts = grouped_split({.labels = labels, .groups = groups}, std::array{0.8, 0.16, 0.04});
  expect_partition(parts, 24);
  EXPECT_EQ(parts[2].size(), 4U);
}

TEST(GroupedSplit, PartsWithoutAFractionStayEmpty) {
  const std::vector<int> labels = labels_of({4, 4});
  const Parts parts = grouped_split({.labels = labels, .groups = {}}, std::array{0.75, 0.0, 0.25});
  EXPECT_EQ(parts[0].size(), 6U);
  EXPECT_TRUE(parts[1].empty());
  EXPECT_EQ(parts[2].size(), 2U);
}

TEST(GroupedSplit, RefusesInvalidArguments) {
  const std::vector<int> labels = labels_of({4, 4});
  const std::vector<std::size_t> groups(3);
  const std::array halves = {0.5, 0.5};
  EXPECT_THROW(static_cast<void>(grouped_split({.labels = labels, .groups = groups}, halves)), Error);
  EXPECT_THROW(static_cast<void>(grouped_split({.labels = labels, .groups = {}}, std::array{0.5, 0.4})),
               Error);
  EXPECT_THROW(static_cast<void>(grouped_split({.labels = std::array{-1, 0}, .groups = {}}, halves)), Error);
  EXPECT_THROW(static_cast<void>(stratified_folds({.labels = labels, .groups = {}}, 1)), Error);
  EXPECT_THROW(static_cast<void>(stratified_folds({.labels = labels, .groups = {}}, 9)), Error);
}

TEST(StratifiedFolds, AreOfOneSizeAndHaveEachClass) {
  const std::vector<int> labels = labels_of({23, 17, 11});
  const Parts folds = stratified_folds({.labels = labels, .groups = {}, .seed = 9}, 5);
  expect_partition(folds, labels.size());
  for (const auto& fold : folds) {
    EXPECT_NEAR(static_cast<double>(fold.size()), 51.0 / 5, 1.0);
    for (const auto& [label, all] : std::map<int, double>{{0, 23}, {1, 17}, {2, 11}})
      EXPECT_NEAR(static_cast<double>(count(fold, labels, label)), all / 5, 1.0);
  }
}

TEST(StratifiedFolds, AllButAFoldIsTheRest) {
  EXPECT_EQ(all_but(std::vector<std::size_t>{1, 3}, 5), (std::vector<std::size_t>{0, 2, 4}));
  EXPECT_EQ(all_but(std::vector<std::size_t>{}, 2), (std::vector<std::size_t>{0, 1}));
}

}  // namespace
}  // namespace graft::data
