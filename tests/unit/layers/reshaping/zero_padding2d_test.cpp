// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/reshaping.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(ZeroPadding2D, ConfigIsKerasAndComesBack) {
  expect_config(
      ZeroPadding2D({.top = 0, .bottom = 1, .left = 2, .right = 3, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","padding":[[0,1],[2,3]],"data_format":"channels_last"})");
}

TEST(ZeroPadding2D, OutputShapeIsKeras) {
  EXPECT_EQ(
      shape_after(ZeroPadding2D({.top = 0, .bottom = 1, .left = 2, .right = 3, .name = "x"}), {8, 8, 4}),
      (Shape{9, 13, 4}));
}

TEST(ZeroPadding2D, DefaultsAreTheStructs) { expect_defaults("ZeroPadding2D"); }

TEST(ZeroPadding2D, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)ZeroPadding2D(1)(Input({8})); }, "ZeroPadding2D");
}

}  // namespace
}  // namespace graft::layers
