// SPDX-License-Identifier: Apache-2.0
// Mixed precision against float32 on whole models.

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/error.hpp"
#include "graft/kernels/kernel.hpp"

#include "small_models.hpp"

namespace graft::plan {
namespace {

using test::random_tensor;

TEST(MixedPrecision, PredictsAsFloat32UpToRounding) {
  const Model model = test::residual_model("relu");
  test::fill_weights(model);
  const Tensor x = random_tensor({4, 8, 8, 3}, "x");
  Plan exact = Plan::lower(model, {.batch_size = 4});
  Plan mixed =
      Plan::lower(model, {.batch_size = 4, .execution = {.dtype_policy = DTypePolicy::mixed_bfloat16}});
  exact.forward(x);
  mixed.forward(x);
  EXPECT_EQ(mixed.output().dtype(), DType::float32);
  const double error = test::relative_distance(mixed.output(), exact.output());
  EXPECT_LT(error, 0.01);
  EXPECT_GT(error, 0) << "nothing was rounded";
}

TEST(MixedPrecision, GradientsAreFloat32AndCloseAlsoWithBatchStatistics) {
  const Model model = test::residual_model("relu");
  test::fill_weights(model);
  const Tensor x = random_tensor({8, 8, 8, 3}, "x");
  PlanOptions options{.mode = Mode::training, .batch_size = 8, .logits = true};
  Plan exact = Plan::lower(model, options);
  options.execution = {.dtype_policy = DTypePolicy::mixed_bfloat16};
  Plan mixed = Plan::lower(model, options);
  const Tensor dy = random_tensor({8, 3}, "dy");
  for (Plan* plan : {&exact, &mixed}) {
    plan->forward(x);
    plan->backward(dy);
  }
  ASSERT_EQ(mixed.gradients().size(), exact.gradients().size());
  for (std::size_t i = 0; i < mixed.gradients().size(); ++i) {
    // c1 and c2's biases before a BatchNormalization have no gradient but rounding.
    const std::string& path = exact.gradients()[i].variable->path();
    if (path == "dw/bias") continue;
    EXPECT_LT(test::relative_distance(mixed.gradients()[i].value, exact.gradients()[i].value), 0.1) << path;
  }
}

TEST(MixedPrecision, IsTheGlobalPolicyWhereThePlanSetsNone) {
  const Model model = test::residual_model("relu");
  set_dtype_policy(DTypePolicy::mixed_bfloat16);
  const Plan mixed = Plan::lower(model, {});
  set_dtype_policy(DTypePolicy::float32);
  const Plan exact = Plan::lower(model, {});
  EXPECT_GT(test::count_ops(mixed, "Cast"), 0U);
  EXPECT_EQ(test::count_ops(exact, "Cast"), 0U);
  EXPECT_LT(mixed.arena_bytes(), exact.arena_bytes());
}

TEST(MixedPrecision, MobileNetCastsOnlyAtItsEnds) {
  const Model model = applications::MobileNetV2({.input_shape = {96, 96, 3}, .weights = "none"});
  const Plan plan = Plan::lower(model, {.execution = {.dtype_policy = DTypePolicy::mixed_bfloat16}});
  EXPECT_EQ(test::count_ops(plan, "Cast"), 1U) << "the photo; the softmax's input comes as float32";
  // Processors without bfloat16 convert around each convolution.
  for (const StepInfo& step : plan.steps()) {
    if (step.op == "Convolution" && kernels::has_bfloat16()) {
      EXPECT_EQ(step.implementation.find("converting"), std::string::npos) << step.layer;
    }
  }
}

TEST(MixedPrecision, IsFastOnlyWithTheInstructions) {
  if (!kernels::has_bfloat16()) {
    EXPECT_FALSE(has_fast_mixed_precision());
  }
  EXPECT_EQ(has_fast_mixed_precision(), has_fast_mixed_precision()) << "measured once";
}

TEST(MixedPrecision, NamesAreKerass) {
  EXPECT_EQ(dtype_policy_from_name("mixed_bfloat16"), DTypePolicy::mixed_bfloat16);
  EXPECT_EQ(to_string(DTypePolicy::float32), "float32");
  EXPECT_THROW(static_cast<void>(dtype_policy_from_name("bf16")), Error);
}

}  // namespace
}  // namespace graft::plan
