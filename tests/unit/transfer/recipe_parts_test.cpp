// SPDX-License-Identifier: Apache-2.0
// The parts of the default recipe, on made-up features and small networks.
#include <gtest/gtest.h>

#include "graft/base/random.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers.hpp"

#include "support.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/fine_tune/fine_tuning.hpp"
#include "transfer/fine_tune/plan_by_clock.hpp"
#include "transfer/head/depth_heads.hpp"
#include "transfer/head/head_choice.hpp"
#include "transfer/list/photo_size.hpp"
#include "transfer/measure/comparison.hpp"
#include "transfer/state/run_state.hpp"

namespace graft::transfer {
namespace {

/// Photos of two classes: column 0 tells them apart as far as signal goes, the others are noise.
HeadData made_up(std::size_t photos, std::size_t columns, double signal, const std::string& key) {
  const auto fill = [&](std::size_t rows, std::size_t first, const std::string& part) {
    const std::vector<double> noise = test::u01(key + part, rows * columns);
    Tensor features({static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)});
    for (std::size_t i = 0; i < noise.size(); ++i) {
      const double side = (i / columns + first) % 2 == 0 ? -1 : 1;
      const double shift = i % columns == 0 ? signal * side : 0;
      features.data()[i] = static_cast<float>(noise[i] - 0.5 + shift);
    }
    return features;
  };
  HeadData data{
      .train = fill(2 * photos, 0, "train"), .validation = fill(photos / 4, 0, "val"), .classes = 2};
  for (std::size_t i = 0; i < photos; ++i) data.train_labels.push_back(static_cast<int>(i % 2));
  for (std::size_t i = 0; i < photos / 4; ++i) data.validation_labels.push_back(static_cast<int>(i % 2));
  return data;
}

Reporter& silent() {
  static const TrainOptions options;
  static Reporter reporter(options);
  return reporter;
}

TEST(HeadChoice, EveryTrainingPhotoIsJudgedByAHeadThatHasNotSeenIt) {
  const HeadData data = made_up(40, 200, 0, "nothing to learn");
  const HeadChoice choice = choose_head(data, silent(), "head");
  EXPECT_TRUE(choice.cross_validated);
  EXPECT_EQ(choice.trial.wrong.size(), 50U);
  // A head learns 200 columns of noise by heart; scored on its training photos it would make no errors.
  EXPECT_GE(choice.trial.errors(), 12);
}

TEST(HeadChoice, WhereNothingIsWrongTheStrongestIsTaken) {
  const HeadChoice choice = choose_head(made_up(40, 8, 3, "easy"), silent(), "head");
  EXPECT_EQ(choice.trial.errors(), 0);
  EXPECT_EQ(choice.trial.l2, 1);
  EXPECT_LT(choice.best.loss(), choice.trial.loss());
  EXPECT_EQ(choice.on_validation.mean().accuracy, 1);
}

/// Equal rows in pairs: photos 2 i and 2 i + 1 are one photo twice.
void make_pairs(HeadData& data) {
  for (std::int64_t row = 0; row + 1 < data.train.shape()[0]; row += 2)
    data.train.slice(row + 1, row + 2).copy_from(data.train.slice(row, row + 1));
  for (std::size_t i = 0; i < data.train_labels.size(); ++i)
    data.train_labels[i] = static_cast<int>(i / 2 % 2);
}

TEST(HeadChoice, PhotosOfOneGroupAreInOneFold) {
  HeadData data = made_up(80, 200, 0, "nothing to learn, twice");
  make_pairs(data);
  const double apart = try_strength(data, 0.01).error_share();
  for (std::size_t i = 0; i < data.train_labels.size(); ++i) data.groups.push_back(i / 2);
  // A head that has seen a photo's double knows it by heart; about other photos there is nothing to learn.
  EXPECT_LT(apart, 0.35);
  EXPECT_GT(try_strength(data, 0.01).error_share(), 0.4);
}

TEST(HeadChoice, MirroredPhotosAreLeftOutWhereTheyDoHarm) {
  HeadData data = made_up(60, 4, 0.4, "letters");
  HeadData turned = data;
  turned.train = data.train.clone();
  for (std::int64_t row = 60; row < 120; ++row)
    for (float& x : turned.train.slice(row, row + 1).data()) x = -x;
  const DepthHeads good = solve_heads({data}, silent());
  EXPECT_TRUE(good.views.recommended);
  EXPECT_EQ(good.depths.front().train.shape()[0], 120);
  const DepthHeads bad = solve_heads({turned}, silent());
  EXPECT_FALSE(bad.views.recommended);
  EXPECT_LT(bad.views.loss_without, bad.views.loss_with);
  EXPECT_EQ(bad.depths.front().train.shape()[0], 60);
  EXPECT_LT(bad.last.trial.errors(), 10);
}

TEST(HeadChoice, DepthsSideBySideWeighTheSameAndGiveAHeadForPlainFeatures) {
  HeadData first = made_up(40, 6, 0.3, "first");
  HeadData second = made_up(40, 3, 0.3, "second");
  for (float& x : second.train.data()) x = 1000 * x + 70;
  for (float& x : second.validation.data()) x = 1000 * x + 70;
  const JoinedFeatures joined = join_depths({first, second});
  ASSERT_EQ(joined.data.train.shape(), (Shape{80, 9}));
  ASSERT_EQ(joined.scale.size(), 9U);
  EXPECT_NEAR(joined.data.train.data()[9 + 7], second.train.data()[3 + 1] * joined.scale[7], 1e-6);
  const HeadChoice choice = choose_head(joined.data, silent(), "head");
  const LinearHead plain = joined.unscaled(choice.head);
  Tensor side_by_side({10, 9});
  for (std::size_t i = 0; i < 90; ++i)
    side_by_side.data()[i] = i % 9 < 6 ? first.validation.data()[i / 9 * 6 + i % 9]
                                       : second.validation.data()[i / 9 * 3 + i % 9 - 6];
  const RowScores one = score_rows(choice.head, joined.data.validation, first.validation_labels);
  const RowScores other = score_rows(plain, side_by_side, first.validation_labels);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_NEAR(one.losses[i], other.losses[i], 1e-3);
}

TEST(Comparison, ScoresOfProbabilities) {
  const std::vector<float> values{0.25F, 0.75F, 0.9F, 0.1F};
  const RowScores scores = scores_of(Tensor::from({2, 2}, values), {0, 0});
  EXPECT_NEAR(scores.losses[0], 1.386294, 1e-5);
  EXPECT_EQ(scores.wrong, (std::vector<double>{1, 0}));
  EXPECT_TRUE(no_more(scores.wrong, {0, 1}));
  EXPECT_FALSE(no_more(scores.wrong, {1, 1}));
}

TEST(PhotoSize, TinyPhotosAreNotBlownUp) {
  EXPECT_EQ(enlarged_side(32, 224), 128);
  EXPECT_EQ(enlarged_side(28, 224), 128);
  EXPECT_EQ(enlarged_side(8, 224), 96);
  EXPECT_EQ(enlarged_side(64, 224), 224);
  EXPECT_EQ(enlarged_side(4000, 224), 224);
  EXPECT_EQ(enlarged_side(8, 64), 64);
}

/// Four convolutions of 3 x 3 with 8, 16, 32 and 64 channels, one of them around a shortcut.
Model small_network() {
  const SymbolicTensor input = Input({16, 16, 3}, "photo");
  SymbolicTensor x = layers::Conv2D({.filters = 8, .kernel_size = 3, .name = "first"})(input);
  x = layers::BatchNormalization({.name = "normalise"})(x);
  x = layers::Conv2D({.filters = 16, .kernel_size = 3, .name = "second"})(x);
  const SymbolicTensor around =
      layers::Conv2D({.filters = 16, .kernel_size = 3, .padding = Padding::same, .name = "bypassed"})(x);
  x = layers::Add("sum")({x, around});
  x = layers::Conv2D({.filters = 64, .kernel_size = 3, .name = "last"})(x);
  return {input, x, "small"};
}

TEST(Cuts, NothingPassesACutByAShortcut) {
  std::vector<std::string> names;
  for (const Cut& cut : cuts_of(small_network())) names.push_back(cut.tensor.layer->name());
  EXPECT_EQ(names, (std::vector<std::string>{"first", "normalise", "second", "sum", "last"}));
  EXPECT_EQ(cuts_of(small_network()).back().share_after, 0);
}

TEST(Cuts, TheFrontierIsTheLatestWithEnoughBehindIt) {
  const Model network = small_network();  // weights: 224, 32, 1168, 2320, 9280 of 13024
  EXPECT_EQ(find_frontier(network, 0.7).first_layer, "last");
  EXPECT_EQ(find_frontier(network, 0.72).first_layer, "bypassed");
  EXPECT_EQ(find_frontier(network, 0.98).first_layer, "second");
  EXPECT_EQ(find_frontier(network, 0.981).first_layer, "normalise");
  const Frontier everything = find_frontier(network, 2);
  EXPECT_EQ(everything.first_layer, "first");
  EXPECT_EQ(everything.tensor.shape, (Shape{-1, 16, 16, 3}));
}

TEST(FineTuning, WorkAndMemoryBoundIt) {
  const Model network = small_network();
  std::string why;
  const FineTuningNeeds needs{.views = 1000, .validation = 100, .cache_bytes = 1U << 30U, .most_epochs = 10};
  const auto plan = plan_fine_tuning(network, needs, why);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->epochs, 4);
  EXPECT_EQ(plan->frontier.first_layer, "second");
  // 9280 bytes a photo after the sum, 200 kB in all
  const auto later =
      plan_fine_tuning(network, {.views = 10, .validation = 1, .cache_bytes = 102000, .most_epochs = 3}, why);
  ASSERT_TRUE(later);
  EXPECT_EQ(later->epochs, 3);
  EXPECT_FALSE(plan_fine_tuning(
      network, {.views = 1000, .validation = 1, .cache_bytes = 1000, .most_epochs = 3}, why));
  EXPECT_NE(why.find("memory"), std::string::npos);
  EXPECT_FALSE(plan_fine_tuning(
      network, {.views = 1U << 30U, .cache_bytes = std::size_t{1} << 50U, .most_epochs = 3}, why));
  EXPECT_NE(why.find("too long"), std::string::npos);
}

TEST(FineTuning, TheClockDecidesWhereToBegin) {
  const FineTuningNeeds needs{.views = 90, .validation = 30, .most_epochs = 10};  // 100 views' time an epoch
  const Model network = small_network();
  const std::vector<FrontierTime> times{
      {.frontier = find_frontier(network, 0.98), .view = 0.1, .arrival = 0.01},
      {.frontier = find_frontier(network, 0.7), .view = 0.01, .arrival = 0.05}};
  EXPECT_EQ(epochs_within(35, times[0], needs), 3);
  EXPECT_EQ(epochs_within(-1, times[0], needs), 0);
  EXPECT_EQ(epochs_within(1000, times[0], needs), 10);
  // 1.2 and 6 seconds until the photos are there, then 10 and 1 an epoch
  EXPECT_EQ(choose_by_clock(times, 32, needs), &times[0]);
  EXPECT_EQ(choose_by_clock(times, 31, needs), &times[1]);
  EXPECT_EQ(choose_by_clock(times, 8.5, needs), &times[1]);
  EXPECT_EQ(choose_by_clock(times, 7.5, needs), nullptr);
}

TEST(FineTuning, TheRateFollowsTheKernelsAndTheNumberOfPhotos) {
  const Model network = small_network();
  const Frontier frontier = find_frontier(network, 0.7);
  const double many = fine_tuning_rate(network, frontier, 100000);
  EXPECT_NEAR(fine_tuning_rate(network, frontier, 2000) / many, 0.5, 0.05);
  for (const VariablePtr& weight : Layer(network.get_layer("last")).weights())
    for (float& x : weight->mutable_value().data()) x *= 2;
  EXPECT_NEAR(fine_tuning_rate(network, frontier, 100000) / many, 2, 0.1);
  // After this frontier there is no normalisation; before the earlier one there is.
  EXPECT_GT(fine_tuning_rate(network, find_frontier(network, 0.98), 100000), many);
}

}  // namespace
}  // namespace graft::transfer
