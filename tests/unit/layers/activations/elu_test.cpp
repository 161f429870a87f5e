// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/core.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(ELU, ConfigIsKerasAndComesBack) {
  expect_config(ELU({.alpha = 0.5, .name = "x"}),
                R"({"name":"x","trainable":true,"dtype":"float32","alpha":0.5})");
}

TEST(ELU, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(ELU({.alpha = 0.5, .name = "x"}), {8, 8, 4}), (Shape{8, 8, 4}));
}

TEST(ELU, DefaultsAreTheStructs) { expect_defaults("ELU"); }

}  // namespace
}  // namespace graft::layers
