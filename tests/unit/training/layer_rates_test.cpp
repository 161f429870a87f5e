// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/training.hpp"

#include "small_trainee.hpp"

namespace graft {
namespace {

data::Dataset samples() {
  Tensor images({6, 8, 8, 3});
  const std::vector<double> u = test::u01("rates", static_cast<std::size_t>(images.count()));
  for (std::size_t i = 0; i < u.size(); ++i) images.data<float>()[i] = static_cast<float>(u[i]);
  Tensor labels({6}, DType::int32);
  for (std::size_t i = 0; i < 6; ++i) labels.data<std::int32_t>()[i] = static_cast<std::int32_t>(i % 3);
  return data::Dataset::from_tensors(images, labels, {.batch_size = 6});
}

CompileOptions with(const OptimizerPtr& optimizer) {
  return {.optimizer = optimizer, .loss = SparseCategoricalCrossentropy({.from_logits = true})};
}

/// How far the first weight of a layer moved from the formula's.
std::vector<double> movement(const Model& model, const char* layer) {
  const Model start = test::small_trainee();
  const auto before = start.get_layer(layer).weights().front()->value();
  const auto after = model.get_layer(layer).weights().front()->value();
  std::vector<double> moved;
  for (std::int64_t i = 0; i < before.count(); ++i)
    moved.push_back(static_cast<double>(after.data<float>()[i]) - before.data<float>()[i]);
  return moved;
}

TEST(LayerRates, GroupsFollowTheLayersAndJoin) {
  const Model model = test::small_trainee();
  const std::vector<LayerGroup> each = layer_groups(model);
  ASSERT_EQ(each.size(), 3U);
  EXPECT_EQ(each[0].name, "conv");
  EXPECT_EQ(each[1].name, "bn");
  EXPECT_EQ(each[1].weights.size(), 2U);  // gamma and beta, not the statistics
  const std::vector<LayerGroup> two = layer_groups(model, 2);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0].weights.size() + two[1].weights.size(), 6U);
  EXPECT_EQ(two[1].name, "head");
}

TEST(LayerRates, ALayerMovesByItsMultiplier) {
  Model plain = test::small_trainee();
  plain.compile(with(SGD({.learning_rate = 0.2})));
  (void)plain.fit(samples(), {});
  Model slower = test::small_trainee();
  const OptimizerPtr optimizer = SGD({.learning_rate = 0.2});
  EXPECT_EQ(set_layer_rates(*optimizer, layer_groups(slower), 0.5), (std::vector<double>{0.25, 0.5, 1}));
  slower.compile(with(optimizer));
  (void)slower.fit(samples(), {});
  for (const auto& [layer, factor] :
       {std::pair{"conv", 0.25}, std::pair{"bn", 0.5}, std::pair{"head", 1.0}}) {
    const auto full = movement(plain, layer);
    const auto part = movement(slower, layer);
    double most = 0;
    for (std::size_t i = 0; i < full.size(); ++i) {
      EXPECT_NEAR(part[i], factor * full[i], 1e-6) << layer;
      most = std::max(most, std::abs(full[i]));
    }
    EXPECT_GT(most, 1e-4) << layer;
  }
  EXPECT_THROW(set_layer_rates(*optimizer, layer_groups(slower), 0), Error);
  EXPECT_THROW(optimizer->set_rate_multiplier({}, -1), Error);
}

TEST(GradualUnfreezing, BeginsWithTheLastGroupAndAddsOneAfterTheOther) {
  for (int epochs = 1; epochs <= 5; ++epochs) {
    Model model = test::small_trainee();
    model.compile(with(Adam({.learning_rate = 0.01})));
    (void)model.fit(
        samples(),
        {.epochs = epochs,
         .callbacks = {GradualUnfreezing({.groups = layer_groups(model), .epochs_per_group = 2})}});
    const auto moved = [&](const char* layer) {
      const auto all = movement(model, layer);
      return std::ranges::any_of(all, [](double x) { return x != 0; });
    };
    EXPECT_TRUE(moved("head"));
    EXPECT_EQ(moved("bn"), epochs > 2) << epochs;
    EXPECT_EQ(moved("conv"), epochs > 4) << epochs;
  }
}

}  // namespace
}  // namespace graft
