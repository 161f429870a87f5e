// SPDX-License-Identifier: Apache-2.0
// Results of frozen layers are kept within the memory bound, restored bit by bit, and forgotten when a weight
// changes.
#include "training/frozen_cache.hpp"

#include <gtest/gtest.h>

#include "graft/base/random.hpp"

#include "small_trainee.hpp"

namespace graft::training {
namespace {

constexpr std::int64_t kBatch = 4;
constexpr std::size_t kPlenty = std::size_t{1} << 20;

Model half_frozen() {
  Model model = test::small_trainee();
  model.get_layer("conv").set_trainable(false);
  return model;
}

plan::Plan lower(const Model& model, plan::Mode mode, std::int64_t rows = kBatch) {
  return plan::Plan::lower(model, {.mode = mode, .batch_size = rows, .frozen_first = true});
}

data::Batch batch_of(const std::vector<std::size_t>& samples) {
  data::Batch batch{.images = Tensor({static_cast<std::int64_t>(samples.size()), 8, 8, 3}),
                    .labels = {},
                    .indices = samples};
  for (std::size_t i = 0; i < samples.size(); ++i) {
    Rng rng(7, samples[i]);
    for (float& value : batch.images.data().subspan(i * 192, 192))
      value = static_cast<float>(rng.uniform(-1, 1));
  }
  return batch;
}

Tensor whole(plan::Plan& plan, const data::Batch& batch) {
  plan.forward(batch.images);
  return plan.output().clone();
}

void compute_and_keep(FrozenCache& cache, int set, const data::Batch& batch, plan::Plan& plan) {
  plan.forward_frozen(batch.images);
  cache.keep(set, batch, plan);
}

std::size_t bytes_of_batch(const plan::Plan& plan) {
  std::size_t bytes = 0;
  for (const Tensor& value : plan.frozen_values()) bytes += value.size_bytes();
  return bytes;
}

TEST(FrozenCache, RestoresSamplesInOtherBatchesBitByBit) {
  const Model model = half_frozen();
  plan::Plan plan = lower(model, plan::Mode::training);
  FrozenCache cache(kPlenty);
  const int set = cache.add({.samples = 8, .batch_size = kBatch});
  for (const auto& samples : {std::vector<std::size_t>{0, 1, 2, 3}, {7, 6, 5, 4}}) {
    const data::Batch batch = batch_of(samples);
    EXPECT_FALSE(cache.put_back(set, samples, plan));
    compute_and_keep(cache, set, batch, plan);
  }
  const data::Batch mixed = batch_of({5, 0, 7, 2});
  const Tensor expected = whole(plan, mixed);
  static_cast<void>(whole(plan, batch_of({1, 1, 1, 1})));
  ASSERT_TRUE(cache.put_back(set, mixed.indices, plan));
  plan.forward_from_frozen();
  EXPECT_EQ(test::max_difference(plan.output().data(), expected.data()), 0);

  plan::Plan two = lower(model, plan::Mode::training, 2);
  compute_and_keep(cache, set, batch_of({0, 1}), two);
  EXPECT_FALSE(cache.put_back(set, batch_of({0, 1}).indices, two)) << "a batch that is not full";
  EXPECT_EQ(cache.bytes(), 2 * bytes_of_batch(plan));
}

TEST(FrozenCache, ForgetsResultsOfOtherWeights) {
  const Model model = half_frozen();
  plan::Plan plan = lower(model, plan::Mode::training);
  FrozenCache cache(kPlenty);
  const int set = cache.add({.samples = 8, .batch_size = kBatch});
  const data::Batch mixed = batch_of({5, 0, 7, 2});
  compute_and_keep(cache, set, batch_of({0, 1, 2, 3}), plan);
  compute_and_keep(cache, set, batch_of({4, 5, 6, 7}), plan);
  model.get_layer("head").weights()[0]->mutable_value().data()[0] += 1;
  EXPECT_TRUE(cache.put_back(set, mixed.indices, plan)) << "only a trainable weight has changed";
  model.get_layer("conv").weights()[0]->mutable_value().data()[0] += 1;
  EXPECT_FALSE(cache.put_back(set, mixed.indices, plan)) << "a frozen weight has changed";
  compute_and_keep(cache, set, mixed, plan);
  EXPECT_TRUE(cache.put_back(set, mixed.indices, plan));
  EXPECT_FALSE(cache.put_back(set, batch_of({0, 1, 2, 3}).indices, plan)) << "1 and 3 are of the old weights";
}

TEST(FrozenCache, SamplesInAnyOrderAreKeptOnlyWhereAllFit) {
  const Model model = half_frozen();
  plan::Plan plan = lower(model, plan::Mode::training);
  const data::Batch batch = batch_of({0, 1, 2, 3});
  for (const bool fits : {true, false}) {
    const std::size_t most = 2 * bytes_of_batch(plan) - (fits ? 0 : 1);
    FrozenCache cache(most);
    const int set = cache.add({.samples = 8, .batch_size = kBatch});
    compute_and_keep(cache, set, batch, plan);
    EXPECT_EQ(cache.put_back(set, batch.indices, plan), fits);
    EXPECT_EQ(cache.bytes(), fits ? most : 0U);
  }
}

TEST(FrozenCache, FixedBatchesAreKeptAsFarAsTheyFitWithTheirLabels) {
  const Model model = half_frozen();
  plan::Plan plan = lower(model, plan::Mode::inference);
  const std::size_t of_batch = bytes_of_batch(plan) + kBatch * sizeof(std::int32_t);
  FrozenCache cache(2 * of_batch + of_batch / 2);
  const int set =
      cache.add({.samples = 12, .batch_size = kBatch, .same_batches = true, .samples_of_epoch = 12});
  std::vector<Tensor> expected;
  const std::vector<std::vector<std::size_t>> batches{{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, 11}};
  for (const auto& samples : batches) {
    data::Batch batch = batch_of(samples);
    batch.labels = Tensor({kBatch}, DType::int32);
    for (std::size_t i = 0; i < samples.size(); ++i)
      batch.labels.data<std::int32_t>()[i] = static_cast<std::int32_t>(10 + samples[i]);
    expected.push_back(whole(plan, batch));
    compute_and_keep(cache, set, batch, plan);
  }
  EXPECT_LE(cache.bytes(), 2 * of_batch + of_batch / 2);
  for (std::size_t i = 0; i < 2; ++i) {
    Tensor labels;
    ASSERT_TRUE(cache.put_back(set, batches[i], plan, &labels));
    EXPECT_EQ(labels.data<std::int32_t>()[3], static_cast<std::int32_t>(10 + batches[i][3]));
    plan.forward_from_frozen();
    EXPECT_EQ(test::max_difference(plan.output().data(), expected[i].data()), 0);
  }
  EXPECT_FALSE(cache.put_back(set, batches[2], plan)) << "beyond the bound";
}

TEST(FrozenCache, DataSetsShareOneBound) {
  const Model model = half_frozen();
  plan::Plan training = lower(model, plan::Mode::training);
  plan::Plan testing = lower(model, plan::Mode::inference);
  const std::size_t most = bytes_of_batch(training) + bytes_of_batch(testing) - 1;
  FrozenCache cache(most);
  const int trained = cache.add({.samples = kBatch, .batch_size = kBatch});
  const int validated =
      cache.add({.samples = kBatch, .batch_size = kBatch, .same_batches = true, .samples_of_epoch = kBatch});
  const data::Batch batch = batch_of({0, 1, 2, 3});
  compute_and_keep(cache, trained, batch, training);
  EXPECT_FALSE(cache.put_back(validated, batch.indices, testing)) << "of another data set";
  compute_and_keep(cache, validated, batch, testing);
  EXPECT_TRUE(cache.put_back(trained, batch.indices, training));
  EXPECT_FALSE(cache.put_back(validated, batch.indices, testing)) << "no room is left";
  EXPECT_LE(cache.bytes(), most);
}

}  // namespace
}  // namespace graft::training
