// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/regularization.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(StochasticDepth, ConfigIsKerasAndComesBack) {
  expect_config(StochasticDepth({.drop_path_rate = 0.2, .name = "x"}),
                R"({"name":"x","trainable":true,"dtype":"float32","drop_path_rate":0.2})");
}

TEST(StochasticDepth, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(StochasticDepth({.drop_path_rate = 0.2, .name = "x"}), {8, 8, 4}), (Shape{8, 8, 4}));
}

TEST(StochasticDepth, DefaultsAreTheStructs) { expect_defaults("StochasticDepth"); }

TEST(StochasticDepth, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)StochasticDepth({.drop_path_rate = 1.5}); }, "StochasticDepth");
}

}  // namespace
}  // namespace graft::layers
