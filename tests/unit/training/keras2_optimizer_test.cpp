// SPDX-License-Identifier: Apache-2.0
// Files of Keras 2 with the optimizer's state: training continues where it stopped.
#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/saving.hpp"
#include "graft/training.hpp"

#include "support.hpp"

namespace graft {
namespace {

saving::LoadedModel compiled(const char* file) {
  saving::LoadedModel loaded = saving::load_model(test::goldens() / "cases" / "keras2_optimizer" / file);
  compile_from_config(loaded.model, loaded.compile_config, loaded.optimizer);
  return loaded;
}

/// What the model would store now: iteration, learning rate, then m and v of each weight.
std::vector<Tensor> state_of(const Model& model) {
  return model.functional()->attachment()->training_state().optimizer;
}

void expect_equal(const Tensor& a, const Tensor& b) {
  ASSERT_EQ(a.shape(), b.shape());
  EXPECT_EQ(test::max_difference(a.data(), b.data()), 0);
}

TEST(Keras2Optimizer, AdamOfCustomAdam) {
  const saving::LoadedModel loaded = compiled("opt_adam.h5");
  const std::vector<Tensor> state = state_of(loaded.model);
  ASSERT_EQ(loaded.optimizer.size(), 13U);
  ASSERT_EQ(state.size(), 14U);
  EXPECT_NEAR(state[1].data()[0], 1e-3, 1e-8);
  for (std::size_t i = 2; i < state.size(); ++i) expect_equal(state[i], loaded.optimizer[i - 1]);
}

TEST(Keras2Optimizer, OldestAdamStoresOneSlotAfterTheOther) {
  const saving::LoadedModel loaded = compiled("opt_leg.h5");
  const std::vector<Tensor> state = state_of(loaded.model);
  ASSERT_EQ(loaded.optimizer.size(), 13U);
  ASSERT_EQ(state.size(), 14U);
  for (std::size_t weight = 0; weight < 6; ++weight) {
    expect_equal(state[2 + 2 * weight], loaded.optimizer[1 + weight]);
    expect_equal(state[3 + 2 * weight], loaded.optimizer[7 + weight]);
  }
}

}  // namespace
}  // namespace graft
