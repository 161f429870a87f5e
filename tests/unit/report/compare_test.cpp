// SPDX-License-Identifier: Apache-2.0
// Comparing runs on the photos that they share.
#include <filesystem>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/report.hpp"

#include "run_folder.hpp"
#include "support.hpp"

namespace graft::report {
namespace {

TEST(McNemar, IsTheExactBinomialTest) {
  EXPECT_NEAR(mcnemar({.first_only = 1, .second_only = 9}), 2 * 11.0 / 1024,
              1e-12);  // (1 + 10) / 2^10, twice
  EXPECT_NEAR(mcnemar({.first_only = 9, .second_only = 1}), 2 * 11.0 / 1024, 1e-12);
  EXPECT_EQ(mcnemar({.first_only = 5, .second_only = 5}), 1);
  EXPECT_EQ(mcnemar({.both = 100}), 1);
  EXPECT_NEAR(mcnemar({.first_only = 0, .second_only = 5}), 2.0 / 32, 1e-12);
  EXPECT_LT(mcnemar({.first_only = 2000, .second_only = 3000}), 1e-40);
}

TEST(CompareRuns, PairsPhotosByTheirContent) {
  const test::TemporaryFolder folder;
  const auto photo = [&](const std::string& in, int i) {
    return (folder.path() / in / "c" / (std::to_string(i) + ".ppm")).string();
  };
  std::vector<test::TestPhoto> first, second;
  for (int i = 0; i < 8; ++i) {
    first.push_back({.file = photo("a", i), .truth = 1, .of_one = i < 6 ? 0.9F : 0.1F});
    // The same photos in another folder; the last two were trained on, answered by a head without them.
    second.push_back({.file = photo("b", i),
                      .truth = 1,
                      .part = i < 6 ? Part::test : Part::train,
                      .of_one = i < 2 ? 0.9F : 0.1F});
  }
  test::write_run(folder.path() / "one", {"x", "y"}, first);
  test::write_run(folder.path() / "two", {"x", "y"}, second);
  const RunComparison both = compare_runs({folder.path() / "one", folder.path() / "two"});
  ASSERT_EQ(both.pairs.size(), 1U);
  EXPECT_TRUE(both.pairs[0].test_only);
  EXPECT_EQ(both.pairs[0].counts.both, 2U);
  EXPECT_EQ(both.pairs[0].counts.first_only, 4U);
  EXPECT_EQ(both.pairs[0].counts.second_only, 0U);
  EXPECT_EQ(both.pairs[0].counts.neither, 0U);
  EXPECT_NEAR(both.pairs[0].p, 2.0 / 16, 1e-12);
  EXPECT_EQ(both.runs[0].test_photos, 8U);
  EXPECT_EQ(both.runs[1].test_photos, 6U);
  EXPECT_EQ(both.runs[1].shared_photos, 8U);
  EXPECT_NEAR(both.runs[0].test_accuracy, 0.75, 1e-12);
  EXPECT_EQ(to_json(both).at("pairs")[0].at("first_only"), 4);
  EXPECT_THROW(static_cast<void>(compare_runs({folder.path() / "one"})), Error);
}

}  // namespace
}  // namespace graft::report
