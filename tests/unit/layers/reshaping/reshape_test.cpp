// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/reshaping.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Reshape, ConfigIsKerasAndComesBack) {
  expect_config(Reshape({.target_shape = {16, -1}, .name = "x"}),
                R"({"name":"x","trainable":true,"dtype":"float32","target_shape":[16,-1]})");
}

TEST(Reshape, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(Reshape({.target_shape = {16, -1}, .name = "x"}), {8, 8, 4}), (Shape{16, 16}));
}

TEST(Reshape, DefaultsAreTheStructs) { expect_defaults("Reshape"); }

TEST(Reshape, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Reshape({.target_shape = {7}})(Input({8})); }, "Reshape");
}

}  // namespace
}  // namespace graft::layers
