// SPDX-License-Identifier: Apache-2.0
#include "graft/data/several_split.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <gtest/gtest.h>

#include "graft/base/random.hpp"
#include "graft/error.hpp"

namespace graft {
namespace {

using Sets = std::vector<std::vector<int>>;

/// Labels of which some are rare: label k has each sample with probability 1 / 2^(k + 1), the last one 6
/// times.
Sets some_labels(std::size_t count) {
  Rng random(3, 1);
  Sets sets(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (int k = 0; k < 4; ++k) {
      if (random.uniform() < 1.0 / (1 << (k + 1))) sets[i].push_back(k);
    }
    if (i % (count / 6) == 5) sets[i].push_back(4);
  }
  return sets;
}

std::size_t count_of(const Sets& sets, const std::vector<std::size_t>& part, int label) {
  return static_cast<std::size_t>(std::ranges::count_if(
      part, [&](std::size_t i) { return std::ranges::find(sets[i], label) != sets[i].end(); }));
}

TEST(SeveralSplit, EveryPartHasItsShareOfEveryLabel) {
  const Sets sets = some_labels(600);
  const std::array fractions{0.7, 0.15, 0.15};
  const auto parts = data::iterative_split({.labels = sets, .seed = 1}, fractions);
  std::set<std::size_t> all;
  for (const auto& part : parts) all.insert(part.begin(), part.end());
  EXPECT_EQ(all.size(), 600U);
  std::vector<std::size_t> everything(all.begin(), all.end());
  for (std::size_t p = 0; p < 3; ++p) {
    EXPECT_NEAR(static_cast<double>(parts[p].size()), 600 * fractions[p], 3);
    for (int k = 0; k < 5; ++k) {
      const auto whole = static_cast<double>(count_of(sets, everything, k));
      EXPECT_NEAR(static_cast<double>(count_of(sets, parts[p], k)), whole * fractions[p], 1.6)
          << p << ' ' << k;
    }
  }
  EXPECT_EQ(parts, data::iterative_split({.labels = sets, .seed = 1}, fractions));
  EXPECT_NE(parts, data::iterative_split({.labels = sets, .seed = 2}, fractions));
}

TEST(SeveralSplit, GroupsStayTogether) {
  const Sets sets = some_labels(120);
  std::vector<std::size_t> groups(120);
  for (std::size_t i = 0; i < 120; ++i) groups[i] = i / 4;
  const auto parts =
      data::iterative_split({.labels = sets, .groups = groups, .seed = 1}, std::array{0.5, 0.5});
  std::set<std::size_t> first;
  for (const std::size_t i : parts[0]) first.insert(groups[i]);
  for (const std::size_t i : parts[1]) EXPECT_FALSE(first.contains(groups[i]));
  EXPECT_NEAR(static_cast<double>(parts[0].size()), 60, 8);
}

TEST(SeveralSplit, SamplesWithoutLabelsAreDividedToo) {
  const auto parts = data::iterative_split({.labels = Sets(10)}, std::array{0.8, 0.0, 0.2});
  EXPECT_EQ(parts[0].size(), 8U);
  EXPECT_TRUE(parts[1].empty());
  EXPECT_THROW((void)data::iterative_split({.labels = Sets{{-1}}}, std::array{1.0}), Error);
  const std::vector<std::size_t> groups(3);
  EXPECT_THROW((void)data::iterative_split({.labels = Sets(2), .groups = groups}, std::array{1.0}), Error);
}

}  // namespace
}  // namespace graft
