// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/core.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(ReLU, ConfigIsKerasAndComesBack) {
  expect_config(
      ReLU({.max_value = 6.0, .negative_slope = 0.1, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","max_value":6.0,"negative_slope":0.1,"threshold":0.0})");
}

TEST(ReLU, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(ReLU({.max_value = 6.0, .negative_slope = 0.1, .name = "x"}), {8, 8, 4}),
            (Shape{8, 8, 4}));
}

TEST(ReLU, DefaultsAreTheStructs) { expect_defaults("ReLU"); }

}  // namespace
}  // namespace graft::layers
