// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/core.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Softmax, ConfigIsKerasAndComesBack) {
  expect_config(Softmax({.name = "x"}), R"({"name":"x","trainable":true,"dtype":"float32","axis":-1})");
}

TEST(Softmax, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(Softmax({.name = "x"}), {8, 8, 4}), (Shape{8, 8, 4}));
}

TEST(Softmax, DefaultsAreTheStructs) { expect_defaults("Softmax"); }

}  // namespace
}  // namespace graft::layers
