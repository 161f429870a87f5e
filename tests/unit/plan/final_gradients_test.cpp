// SPDX-License-Identifier: Apache-2.0
// When backward() names gradients as final. That the named ones are final is tested on random graphs.
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "small_models.hpp"

namespace graft::plan {
namespace {

/// What one backward pass named, and when.
struct NamedGradients {
  std::map<std::string, std::size_t> at;  ///< by path of the weight: number of the call
  std::size_t calls = 0;
  std::vector<std::vector<float>> values;  ///< after the pass
};

NamedGradients name_gradients(const Model& model, std::vector<std::string> disabled) {
  // One thread and one round: sums over the batch are complete after their op, not after all ops of a
  // segment.
  Plan plan = Plan::lower(model, {.mode = Mode::training,
                                  .batch_size = 4,
                                  .execution = {.threads = 1},
                                  .cache_bytes = std::size_t{1} << 30U,
                                  .passes = {.disabled = std::move(disabled), .verify = true}});
  const Tensor x = test::random_tensor({4, 8, 8, 3}, "x");  // backward() reads it too
  plan.forward(x);
  NamedGradients named;
  plan.backward(test::random_tensor({4, 3}, "g"), {}, [&](std::span<const std::size_t> final_ones) {
    for (const std::size_t i : final_ones) named.at[plan.gradients()[i].variable->path()] = named.calls;
    ++named.calls;
  });
  for (const Gradient& gradient : plan.gradients()) {
    const auto values = std::as_const(gradient.value).data();
    named.values.emplace_back(values.begin(), values.end());
  }
  return named;
}

/// BatchNormalization is frozen: kernels before it train by way of the folded ones.
Model frozen_normalization() {
  const Model model = test::residual_model();
  for (const char* name : {"bn1", "bn2"}) model.get_layer(name).set_trainable(false);
  test::fill_weights(model);
  return model;
}

TEST(FinalGradients, TheLastLayersAreFirst) {
  const NamedGradients named = name_gradients(frozen_normalization(), {});
  EXPECT_EQ(named.at.size(), named.values.size());
  EXPECT_GT(named.calls, named.at.size()) << "also between ops that finish none";
  EXPECT_LT(named.at.at("head/kernel"), named.at.at("c2/kernel"));
  EXPECT_LT(named.at.at("c2/kernel"), named.at.at("dw/kernel"));
  EXPECT_LT(named.at.at("dw/kernel"), named.at.at("c1/kernel"));
}

TEST(FinalGradients, FoldedKernelsDoNotWaitForTheEndOfThePass) {
  const Model model = frozen_normalization();
  const NamedGradients early = name_gradients(model, {});
  const NamedGradients late = name_gradients(model, {"finish_sums_early"});
  EXPECT_LT(early.at.at("dw/kernel"), late.at.at("dw/kernel"));
  EXPECT_EQ(early.values, late.values);
}

}  // namespace
}  // namespace graft::plan
