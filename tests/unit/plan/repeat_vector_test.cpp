// SPDX-License-Identifier: Apache-2.0
// RepeatVector against its formula.
#include <gtest/gtest.h>

#include "small_models.hpp"

namespace graft::plan {
namespace {

using test::random_tensor;

TEST(RepeatVector, RepeatsEachSample) {
  for (const std::int64_t n : {1, 3}) {
    const SymbolicTensor input = Input({4}, "x");
    const Model model(input, layers::RepeatVector({.n = n})(input));
    Plan plan = Plan::lower(model, {.batch_size = 2});
    const Tensor x = random_tensor({2, 4}, "input");
    plan.forward(x);
    const Tensor y = plan.output();
    ASSERT_EQ(y.shape(), (Shape{2, n, 4}));
    for (std::int64_t i = 0; i < y.count(); ++i)
      EXPECT_EQ(y.data()[static_cast<std::size_t>(i)],
                x.data()[static_cast<std::size_t>(i / (4 * n) * 4 + i % 4)]);
  }
}

}  // namespace
}  // namespace graft::plan
