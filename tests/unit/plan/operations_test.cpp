// SPDX-License-Identifier: Apache-2.0
// Arithmetic on layers' outputs computes what it is named after.
#include <algorithm>

#include <gtest/gtest.h>

#include "graft/layers/operation.hpp"

#include "small_models.hpp"

namespace graft::plan {
namespace {

using test::random_tensor;

TEST(Operations, ComputeTheirFormulas) {
  const SymbolicTensor input = Input({3, 3, 2});
  const SymbolicTensor one_less = Layer(std::make_shared<layers::Operation>(
      layers::Arithmetic::subtract, layers::Operand{.number = 1, .first = true}))(input);
  const SymbolicTensor gate = layers::ReLU({.max_value = 6})(input * 8.0 + 3.0) / 6.0;
  const Model model(input, gate - one_less + (input - 0.5));
  Plan plan = Plan::lower(model, {.batch_size = 2});
  const Tensor x = random_tensor({2, 3, 3, 2}, "input");
  plan.forward(x);
  const Tensor output = plan.output();
  for (std::size_t i = 0; i < x.data().size(); ++i) {
    const float value = x.data()[i];
    const float gate_value = std::clamp(8 * value + 3, 0.0F, 6.0F) / 6;
    EXPECT_NEAR(output.data()[i], gate_value - (1 - value) + (value - 0.5F), 1e-5F) << i;
  }
}

}  // namespace
}  // namespace graft::plan
