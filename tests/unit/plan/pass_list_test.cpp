// SPDX-License-Identifier: Apache-2.0
// Passes are listed, timed, printed, verified and switched off by name.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/plan/passes.hpp"

#include "small_models.hpp"

namespace graft::plan {
namespace {

const PassInfo* find(const Plan& plan, const std::string& name) {
  const auto found = std::ranges::find(plan.passes(), name, &PassInfo::name);
  return found == plan.passes().end() ? nullptr : &*found;
}

std::vector<std::string> optional_passes() {
  std::vector<std::string> names;
  for (const Pass& pass : passes()) {
    if (pass.can_be_disabled) names.emplace_back(pass.name);
  }
  return names;
}

TEST(PassList, ReportsWhatEachPassDid) {
  const Plan plan = Plan::lower(test::residual_model(), {.passes = {.verify = true, .print = true}});
  const PassInfo* fold = find(plan, "fold_batch_normalization");
  ASSERT_NE(fold, nullptr);
  EXPECT_LT(fold->ops_after, fold->ops_before);
  EXPECT_GT(fold->seconds, 0);
  EXPECT_NE(fold->program.find("FoldBatchNormalization("), std::string::npos) << fold->program;
  EXPECT_EQ(find(plan, "fold_padding")->program.find("FoldBatchNormalization("), std::string::npos);
  EXPECT_NE(fold->program.find("gamma=%"), std::string::npos) << "arguments are named";
  EXPECT_EQ(find(plan, "add_gradients"), nullptr) << "inference";
  EXPECT_EQ(plan.passes().back().name, "split_batch");
}

TEST(PassList, TextIsKeptOnRequestOnly) {
  const Plan plan = Plan::lower(test::residual_model(), {});
  for (const PassInfo& pass : plan.passes()) EXPECT_TRUE(pass.program.empty()) << pass.name;
}

TEST(PassList, ProgramsAreCorrectAfterEveryPass) {
  const Model model = test::residual_model();
  for (const DTypePolicy policy : {DTypePolicy::float32, DTypePolicy::mixed_bfloat16}) {
    for (const Mode mode : {Mode::inference, Mode::training}) {
      EXPECT_NO_THROW((void)Plan::lower(model, {.mode = mode,
                                                .batch_size = 4,
                                                .logits = true,
                                                .execution = {.dtype_policy = policy},
                                                .cache_bytes = 1U << 12U,
                                                .frozen_first = true,
                                                .passes = {.verify = true}}));
    }
  }
}

TEST(PassList, EachPassCanBeSwitchedOffWithTheSameResults) {
  const Model model = test::residual_model();
  test::fill_weights(model);
  const Tensor input = test::random_tensor({2, 8, 8, 3}, "x");
  const auto run = [&](std::vector<std::string> disabled) {
    Plan plan = Plan::lower(model, {.batch_size = 2,
                                    .cache_bytes = 1U << 12U,
                                    .frozen_first = true,
                                    .passes = {.disabled = std::move(disabled), .verify = true}});
    plan.forward(input);
    return plan.output().clone();
  };
  const Tensor all = run({});
  for (const std::string& name : optional_passes()) {
    const Plan plan = Plan::lower(model, {.passes = {.disabled = {name}}});
    EXPECT_EQ(find(plan, name), nullptr) << name;
    EXPECT_LT(test::max_difference(all.data(), run({name}).data()), 1e-5) << name;
  }
  EXPECT_LT(test::max_difference(all.data(), run(optional_passes()).data()), 1e-5);
}

TEST(PassList, ASwitchedOffPassDoesNothing) {
  const Plan plan =
      Plan::lower(test::residual_model(), {.passes = {.disabled = {"fold_batch_normalization"}}});
  EXPECT_GT(test::count_ops(plan, "ScaleShift"), 0U);
}

TEST(PassList, UnknownAndIndispensableNamesAreErrors) {
  for (const char* name : {"fold_everything", "add_gradients", "put_sums_last"}) {
    try {
      (void)Plan::lower(test::residual_model(), {.passes = {.disabled = {name}}});
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos);
      EXPECT_NE(std::string(error.what()).find("fuse_add"), std::string::npos) << "lists the names";
    }
  }
}

}  // namespace
}  // namespace graft::plan
