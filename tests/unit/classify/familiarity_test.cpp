// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/evaluation.hpp"

#include "support.hpp"

namespace graft {
namespace {

/// Directions near an axis of space: 0 + noise.
Tensor near_axis(const std::string& key, std::int64_t rows, std::int64_t axis) {
  Tensor result(Shape{rows, 8});
  const std::vector<double> noise = test::u01(key, static_cast<std::size_t>(rows * 8));
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t i = 0; i < 8; ++i)
      result.at(row, i) =
          static_cast<float>((i == axis ? 2 : 0) + noise[static_cast<std::size_t>(row * 8 + i)]);
  }
  return result;
}

TEST(Familiarity, TheLimitLetsThroughTheStatedShareOfLikePhotos) {
  const TrainingFeatures known =
      make_training_features(near_axis("train", 200, 0), near_axis("others", 199, 0));
  EXPECT_EQ(known.false_alarms, 0.01);
  EXPECT_EQ(known.held_out.size(), 199U);
  EXPECT_EQ(known.limit, known.held_out[197]);  // ceil(200 * 0.99) = 198
  const auto above = [&](const Tensor& rows) {
    std::size_t count = 0;
    for (const double distance : training_distances(known, rows)) count += distance > known.limit ? 1 : 0;
    return count;
  };
  EXPECT_LE(above(near_axis("new", 1000, 0)), 25U);  // 1 % of 1000, and chance
  EXPECT_EQ(above(near_axis("strange", 100, 3)), 100U);
  EXPECT_EQ(make_training_features(near_axis("train", 9, 0), near_axis("others", 30, 0)).false_alarms, 0.05);
  EXPECT_THROW(static_cast<void>(make_training_features(near_axis("t", 9, 0), near_axis("o", 19, 0))), Error);
}

TEST(Familiarity, AFileHasWhatWasComputed) {
  const TrainingFeatures known =
      make_training_features(near_axis("train", 700, 0), near_axis("others", 40, 0));
  EXPECT_EQ(known.rows.shape()[0], static_cast<std::int64_t>(kMostTrainingRows));
  const std::string bytes = to_bytes(known);
  const TrainingFeatures read = training_features_from_bytes(bytes, "model.keras");
  EXPECT_EQ(read.limit, known.limit);
  EXPECT_EQ(read.held_out, known.held_out);
  const Tensor rows = near_axis("new", 20, 0);
  EXPECT_EQ(training_distances(read, rows), training_distances(known, rows));
}

TEST(Familiarity, BrokenBytesAreRefused) {
  const std::string good =
      to_bytes(make_training_features(near_axis("train", 9, 0), near_axis("others", 30, 0)));
  const auto refused = [](const std::string& bytes) {
    try {
      static_cast<void>(training_features_from_bytes(bytes, "model.keras"));
    } catch (const Error& error) {
      return error.kind() == ErrorKind::bad_file && std::string(error.what()).find("model.keras") == 0;
    }
    return false;
  };
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused("no json\n"));
  EXPECT_TRUE(refused("{}\n"));
  EXPECT_TRUE(
      refused("{\"version\": 1, \"rows\": 4611686018427387904, \"dimensions\": 8, \"limit\": 1, "
              "\"false_alarms\": 0.01, \"held_out\": [1]}\n"));
  EXPECT_TRUE(refused(good.substr(0, good.size() - 1)));
  EXPECT_TRUE(refused(good + "x"));
}

TEST(TrainingFeatures, TheLimitIsThatOfTheDistances) {
  const Tensor others = near_axis("others", 150, 0);
  const TrainingFeatures both = make_training_features(near_axis("train", 200, 0), others);
  const TrainingFeatures rows = training_rows(near_axis("train", 200, 0));
  EXPECT_EQ(rows.limit, 0);
  std::vector<double> distances = training_distances(rows, others);
  EXPECT_FALSE(std::ranges::is_sorted(distances));  // photo by photo
  EXPECT_EQ(with_limit(rows, distances).limit, both.limit);
  std::ranges::sort(distances);
  EXPECT_EQ(both.held_out, distances);
  distances.resize(kFewestHeldOut - 1);
  EXPECT_THROW(static_cast<void>(with_limit(rows, distances)), Error);
}

TEST(Drift, IsSeenInFartherPhotosOnly) {
  const TrainingFeatures known =
      make_training_features(near_axis("train", 200, 0), near_axis("others", 150, 0));
  const Drift same = find_drift(known, training_distances(known, near_axis("same", 150, 0)));
  EXPECT_FALSE(same.drifted);
  EXPECT_GT(same.p_value, 0.01);
  const Drift other = find_drift(known, training_distances(known, near_axis("other", 50, 4)));
  EXPECT_TRUE(other.drifted);
  EXPECT_EQ(other.unlike, 50U);
  EXPECT_LT(other.p_value, 1e-6);
  const Drift nearer = find_drift(known, training_distances(known, near_axis("train", 100, 0)));
  EXPECT_FALSE(nearer.drifted);  // the training photos themselves
  EXPECT_THROW(static_cast<void>(find_drift(known, std::vector<double>{1, 2})), Error);
}

TEST(Drift, ThePValueIsThatOfKolmogorovAndSmirnov) {
  // scipy 1.17: ks_2samp(arange(40), arange(40) + 12, method="asymp").pvalue.
  TrainingFeatures known;
  std::vector<double> later;
  for (int i = 0; i < 40; ++i) {
    known.held_out.push_back(i);
    later.push_back(i + 12);
  }
  EXPECT_NEAR(find_drift(known, later).p_value, 0.04307, 1e-3);
}

}  // namespace
}  // namespace graft
