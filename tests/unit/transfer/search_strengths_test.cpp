// SPDX-License-Identifier: Apache-2.0
#include "transfer/head/search_strengths.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "graft/train.hpp"

#include "transfer/context/reporter.hpp"

namespace graft::transfer {
namespace {

struct Found {
  std::size_t best = 0;
  std::vector<double> tried;
};

/// Strengths are 0, 1, ...: places of their losses.
Found search(const std::vector<double>& losses, const TrainOptions& options = {}) {
  std::vector<double> strengths;
  for (std::size_t i = 0; i < losses.size(); ++i) strengths.push_back(static_cast<double>(i));
  Reporter reporter(options);
  Found found;
  const auto try_one = [&](double strength) {
    found.tried.push_back(strength);
    return losses[static_cast<std::size_t>(strength)];
  };
  found.best = search_strengths(strengths, try_one, reporter, "head");
  return found;
}

TEST(SearchStrengths, EndsAfterTwoThatAreNoBetter) {
  const Found found = search({5, 3, 4, 3, 1});
  EXPECT_EQ(found.best, 1U);
  EXPECT_EQ(found.tried, (std::vector<double>{0, 1, 2, 3}));
}

TEST(SearchStrengths, OneThatIsWorseDoesNotEndIt) {
  const Found found = search({5, 3, 4, 2, 3, 1});
  EXPECT_EQ(found.best, 5U);
  EXPECT_EQ(found.tried.size(), 6U);
}

TEST(SearchStrengths, ALossThatIsNoNumberIsNoBetter) { EXPECT_EQ(search({5, NAN, 4, NAN, NAN, 1}).best, 2U); }

TEST(SearchStrengths, TriesTheFirstWhenStopped) {
  TrainOptions options;
  options.progress = [](const Progress&) { return false; };
  const Found found = search({5, 3, 1}, options);
  EXPECT_EQ(found.best, 0U);
  EXPECT_EQ(found.tried.size(), 1U);
}

}  // namespace
}  // namespace graft::transfer
