// SPDX-License-Identifier: Apache-2.0
// Unusual photos among many: compared with some of them, in bounded memory.
#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "inspect/findings/findings.hpp"
#include "support.hpp"

namespace graft::inspect {
namespace {

/// Directions near the first axis; those of `far` near another one.
Tensor features_near_an_axis(std::size_t photos, const std::vector<std::size_t>& far) {
  constexpr std::size_t kWidth = 8;
  const std::vector<double> noise = test::u01("outliers", photos * kWidth);
  Tensor rows({static_cast<std::int64_t>(photos), kWidth});
  for (std::size_t i = 0; i < noise.size(); ++i) rows.data()[i] = static_cast<float>(noise[i]);
  for (std::size_t i = 0; i < photos; ++i)
    rows.data()[i * kWidth + (std::ranges::find(far, i) == far.end() ? 0 : 5)] += 20;
  return rows;
}

TEST(Outliers, AreFoundAmongMorePhotosThanAreCompared) {
  const std::size_t photos = kMostCompared + 700;
  std::vector<std::size_t> groups(photos);
  std::iota(groups.begin(), groups.end(), std::size_t{0});
  std::size_t last = 0;
  InspectOptions options;
  options.progress = [&](std::string_view, std::size_t done, std::size_t) {
    last = done;
    return true;
  };
  const std::vector<Outlier> found = find_outliers(features_near_an_axis(photos, {7, 4321}), groups, options);
  ASSERT_GE(found.size(), 2U);
  EXPECT_EQ(std::max(found[0].photo, found[1].photo), 4321U);
  EXPECT_EQ(std::min(found[0].photo, found[1].photo), 7U);
  EXPECT_LT(found.size(), photos / 100);
  EXPECT_EQ(last, photos);
}

TEST(Outliers, CopiesOfAPhotoAreNotItsNeighbours) {
  constexpr std::size_t kPhotos = 120;
  std::vector<std::size_t> groups(kPhotos);
  std::iota(groups.begin(), groups.end(), std::size_t{0});
  for (std::size_t i = 100; i < kPhotos; ++i) groups[i] = 100;  // twenty copies of a strange photo
  std::vector<std::size_t> far(kPhotos - 100);
  std::iota(far.begin(), far.end(), std::size_t{100});
  const std::vector<Outlier> found = find_outliers(features_near_an_axis(kPhotos, far), groups, {});
  EXPECT_EQ(std::ranges::count_if(found, [](const Outlier& one) { return one.photo >= 100; }), 20);
}

TEST(Outliers, OfDistancesThatAreGiven) {
  std::vector<double> distances(40);
  for (std::size_t i = 0; i < distances.size(); ++i) distances[i] = 0.3 + 0.002 * static_cast<double>(i);
  EXPECT_TRUE(outliers_of(distances, 4).empty());
  distances[11] = 0.9;
  const std::vector<Outlier> found = outliers_of(distances, 4);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].photo, 11U);
  EXPECT_NEAR(found[0].typical, 0.34, 0.01);
  EXPECT_TRUE(outliers_of({0.1, 0.9}, 4).empty());  // too few to say what is usual
}

}  // namespace
}  // namespace graft::inspect
