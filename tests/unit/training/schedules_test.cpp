// SPDX-License-Identifier: Apache-2.0
#include "graft/training/schedules.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/training/configs.hpp"

#include "support.hpp"

namespace graft {
namespace {

/// The class of a golden, from its key.
std::string class_of(const std::string& key) {
  if (key.starts_with("cosine_restarts")) return "CosineDecayRestarts";
  if (key.starts_with("cosine")) return "CosineDecay";
  if (key.starts_with("exponential")) return "ExponentialDecay";
  if (key.starts_with("inverse_time")) return "InverseTimeDecay";
  return key == "polynomial" ? "PolynomialDecay" : "PiecewiseConstantDecay";
}

TEST(Schedules, EqualKeras) {
  std::size_t compared = 0;
  const Json goldens = test::read_json(test::goldens() / "schedules.json");
  for (const auto& [key, golden] : goldens.items()) {
    SCOPED_TRACE(key);
    const LearningRate rate =
        learning_rate_from_config({{"class_name", class_of(key)}, {"config", golden.at("config")}});
    const auto steps = golden.at("step").get<std::vector<std::int64_t>>();
    const auto values = golden.at("value").get<std::vector<double>>();
    for (std::size_t i = 0; i < steps.size(); ++i) {
      EXPECT_NEAR(rate.at(steps[i]), values[i], 1e-8 + 1e-6 * values[i]) << "step " << steps[i];
    }
    EXPECT_EQ(rate.config().at("config"), golden.at("config"));
    ++compared;
  }
  EXPECT_GE(compared, 8U);
}

TEST(Schedules, PolynomialDecayRestartsWithCycle) {
  const LearningRate rate =
      PolynomialDecay({.initial_learning_rate = 1, .decay_steps = 10, .end_learning_rate = 0, .cycle = true});
  EXPECT_DOUBLE_EQ(rate.at(0), 1);
  EXPECT_DOUBLE_EQ(rate.at(10), 0);
  EXPECT_DOUBLE_EQ(rate.at(15), 0.25);  // 15 of 20
}

TEST(Schedules, OneCycleRisesInALineAndFallsInACosine) {
  const LearningRate rate =
      OneCycle({.max_learning_rate = 1, .total_steps = 100, .rise = 0.3, .start_divisor = 10});
  EXPECT_DOUBLE_EQ(rate.at(0), 0.1);
  EXPECT_DOUBLE_EQ(rate.at(15), 0.55);
  EXPECT_DOUBLE_EQ(rate.at(30), 1);
  EXPECT_NEAR(rate.at(65), 0.5, 1e-5);
  EXPECT_NEAR(rate.at(100), 1.0 / 250'000, 1e-9);
  EXPECT_EQ(rate.config().at("class_name"), "CosineDecay");
  const LearningRate again = learning_rate_from_config(rate.config());
  for (std::int64_t step = 0; step < 120; step += 7) EXPECT_DOUBLE_EQ(again.at(step), rate.at(step));
}

TEST(Schedules, RefuseWhatMakesNoSense) {
  EXPECT_THROW((void)ExponentialDecay({.decay_steps = 0}), Error);
  EXPECT_THROW((void)PiecewiseConstantDecay({.boundaries = {1, 2}, .values = {1, 2}}), Error);
  EXPECT_THROW((void)OneCycle({.rise = 1}), Error);
  EXPECT_THROW((void)learning_rate_from_config("0.1"), Error);
  EXPECT_THROW((void)learning_rate_from_config({{"class_name", "Mine"}, {"config", Json::object()}}), Error);
  EXPECT_THROW(
      (void)learning_rate_from_config({{"class_name", "CosineDecay"}, {"config", {{"decay_steps", "many"}}}}),
      Error);
}

}  // namespace
}  // namespace graft
