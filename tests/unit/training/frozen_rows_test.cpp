// SPDX-License-Identifier: Apache-2.0
// What frozen layers make of samples is kept and put back, and forgotten when it is out of date.
#include "training/frozen_rows.hpp"

#include <gtest/gtest.h>

#include "graft/base/random.hpp"

#include "small_trainee.hpp"
#include "training/frozen_pass.hpp"

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

TEST(FrozenRows, SamplesComeBackInOtherBatchesBitByBit) {
  const Model model = half_frozen();
  plan::Plan plan = lower(model, plan::Mode::training);
  FrozenRows rows(8, kBatch, kPlenty);
  for (const auto& samples : {std::vector<std::size_t>{0, 1, 2, 3}, {7, 6, 5, 4}}) {
    const data::Batch batch = batch_of(samples);
    EXPECT_FALSE(rows.put_back(batch, plan));
    plan.forward_frozen(batch.images);
    rows.keep(batch, plan);
  }
  const data::Batch mixed = batch_of({5, 0, 7, 2});
  const Tensor expected = whole(plan, mixed);
  static_cast<void>(whole(plan, batch_of({1, 1, 1, 1})));
  ASSERT_TRUE(rows.put_back(mixed, plan));
  plan.forward_from_frozen();
  EXPECT_EQ(test::max_difference(plan.output().data(), expected.data()), 0);

  plan::Plan two = lower(model, plan::Mode::training, 2);
  EXPECT_FALSE(rows.put_back(batch_of({0, 1}), two)) << "a batch that is not full";
  model.get_layer("head").weights()[0]->mutable_value().data()[0] += 1;
  EXPECT_TRUE(rows.put_back(mixed, plan)) << "what trains has changed";
  model.get_layer("conv").weights()[0]->mutable_value().data()[0] += 1;
  EXPECT_FALSE(rows.put_back(mixed, plan)) << "what does not train has changed";
  plan.forward_frozen(mixed.images);
  rows.keep(mixed, plan);
  EXPECT_TRUE(rows.put_back(mixed, plan));
  EXPECT_FALSE(rows.put_back(batch_of({0, 1, 2, 3}), plan)) << "1 and 3 are from before the change";
}

TEST(FrozenRows, NothingIsKeptBeyondTheLimit) {
  const Model model = half_frozen();
  plan::Plan plan = lower(model, plan::Mode::training);
  const std::size_t of_batch = plan.frozen_values().at(0).size_bytes();
  const data::Batch batch = batch_of({0, 1, 2, 3});
  for (const bool fits : {true, false}) {
    FrozenRows rows(8, kBatch, 2 * of_batch - (fits ? 0 : 1));
    plan.forward_frozen(batch.images);
    rows.keep(batch, plan);
    EXPECT_EQ(rows.put_back(batch, plan), fits);
  }
}

TEST(FrozenPass, BatchesComeBackUpToTheLimit) {
  const Model model = half_frozen();
  plan::Plan plan = lower(model, plan::Mode::inference);
  const std::size_t of_batch = plan.frozen_values().at(0).size_bytes();
  FrozenPass pass(2 * of_batch);
  std::vector<Tensor> expected;
  for (const auto& samples : {std::vector<std::size_t>{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, 11}}) {
    const data::Batch batch = batch_of(samples);
    expected.push_back(whole(plan, batch));
    plan.forward_frozen(batch.images);
    pass.keep(batch, plan);
  }
  ASSERT_EQ(pass.size(), 2U);
  EXPECT_EQ(pass.batch(2), nullptr);
  EXPECT_EQ(pass.images(0), (Shape{kBatch, 8, 8, 3}));
  for (std::size_t i = 0; i < 2; ++i) {
    ASSERT_TRUE(pass.put_back(i, plan));
    plan.forward_from_frozen();
    EXPECT_EQ(test::max_difference(plan.output().data(), expected[i].data()), 0);
  }
  model.get_layer("conv").weights()[0]->mutable_value().data()[0] += 1;
  EXPECT_FALSE(pass.put_back(0, plan));
  pass.drop_from(0);
  EXPECT_EQ(pass.size(), 0U);
}

}  // namespace
}  // namespace graft::training
