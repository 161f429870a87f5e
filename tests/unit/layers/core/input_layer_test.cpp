// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/core.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(InputLayer, ConfigIsKerasAndComesBack) {
  expect_config(InputLayer({.shape = {8, 8, 4}, .name = "x"}),
                R"({"batch_shape":[null,8,8,4],"dtype":"float32","sparse":false,"ragged":false,"name":"x"})");
}

TEST(InputLayer, ShapeHasABatchAxis) { EXPECT_EQ(Input({8, 8, 4}).shape, (Shape{-1, 8, 8, 4})); }

TEST(InputLayer, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)from_config("InputLayer", Json::object()); }, "InputLayer");
}

}  // namespace
}  // namespace graft::layers
