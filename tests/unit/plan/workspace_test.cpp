// SPDX-License-Identifier: Apache-2.0
#include "graft/plan/workspace.hpp"

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/error.hpp"
#include "graft/plan/runner.hpp"

#include "small_models.hpp"

namespace graft::plan {
namespace {

TEST(Workspace, GrowsInPlace) {
  Workspace workspace;
  std::byte* first = workspace.reserve(100);
  first[99] = std::byte{7};
  EXPECT_EQ(workspace.reserve(std::size_t{5} << 20), first);
  first[(std::size_t{5} << 20) - 1] = std::byte{8};
  EXPECT_EQ(first[99], std::byte{7});
  EXPECT_GE(workspace.bytes(), std::size_t{5} << 20);
  EXPECT_THROW((void)workspace.reserve(static_cast<std::size_t>(-100)), Error);
}

TEST(Workspace, PlansTakeTurns) {
  const Model model = test::residual_model();
  test::fill_weights(model);
  const auto shared = std::make_shared<Workspace>();
  const auto lower = [&](std::int64_t rows, Mode mode, const std::shared_ptr<Workspace>& workspace) {
    return Plan::lower(model, {.mode = mode, .batch_size = rows, .workspace = workspace});
  };
  Plan small = lower(2, Mode::inference, shared);
  Plan training = lower(4, Mode::training, shared);
  Plan large = lower(16, Mode::inference, shared);
  EXPECT_GE(shared->bytes(), std::max(large.arena_bytes(), training.arena_bytes()));
  EXPECT_LT(shared->bytes(), large.arena_bytes() + training.arena_bytes());
  for (Plan* plan : {&large, &small, &training, &small}) {
    const Tensor input = test::random_tensor({plan->batch_size(), 8, 8, 3}, "x");
    plan->forward(input);
    Plan alone = lower(plan->batch_size(), plan == &training ? Mode::training : Mode::inference, nullptr);
    alone.forward(input);
    EXPECT_EQ(test::max_difference(plan->output().data(), alone.output().data()), 0);
  }
}

TEST(Workspace, PlansShareFoldedKernelsAndSeeThemChange) {
  const Model model =
      applications::MobileNetV2({.input_shape = {32, 32, 3}, .weights = "none", .classes = 4, .alpha = 0.35});
  test::fill_weights(model);
  const auto shared = std::make_shared<Workspace>();
  const auto lower = [&](std::int64_t rows, const std::shared_ptr<Workspace>& workspace) {
    return Plan::lower(model, {.batch_size = rows, .workspace = workspace});
  };
  Plan two = lower(2, shared);
  Plan three = lower(3, shared);
  const std::vector<VariablePtr> weights = model.weights();
  for (std::size_t round = 0; round < 3; ++round) {
    // Kernels, gammas and statistics of one layer after the other.
    for (std::size_t i = round; i < weights.size(); i += 3) weights[i]->mutable_value().data()[0] += 0.5F;
    for (Plan* plan : {&three, &two, &three}) {
      const Tensor input = test::random_tensor({plan->batch_size(), 32, 32, 3}, "x");
      plan->forward(input);
      const Tensor got = plan->output().clone();
      Plan alone = lower(plan->batch_size(), nullptr);
      alone.forward(input);
      EXPECT_EQ(test::max_difference(got.data(), alone.output().data()), 0) << "round " << round;
    }
  }
}

TEST(Runner, AnyNumberOfRowsReturnsOneResultPerRow) {
  const Model model = test::residual_model();
  test::fill_weights(model);
  const Tensor input = test::random_tensor({21, 8, 8, 3}, "x");
  Plan one = Plan::lower(model, {});
  const Model both(model.inputs(), {model.get_layer("gap").output(), model.outputs().front()}, "both");
  Runner runner(both, {.batch_size = 8});
  for (const std::int64_t rows : {1, 7, 8, 9, 16, 21}) {
    const std::vector<Tensor> results = runner.run(input.slice(0, rows));
    ASSERT_EQ(results.size(), 2U);
    EXPECT_EQ(results[0].shape(), (Shape{rows, 6}));
    EXPECT_EQ(results[1].shape(), (Shape{rows, 3}));
    for (std::int64_t row = 0; row < rows; ++row) {
      one.forward(input.slice(row, row + 1));
      EXPECT_LT(test::max_difference(results[1].slice(row, row + 1).data(), one.output().data()), 1e-6);
    }
  }
  EXPECT_EQ(runner.run(input.slice(0, 0))[1].shape(), (Shape{0, 3}));
}

}  // namespace
}  // namespace graft::plan
