// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/core.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(PReLU, ConfigIsKerasAndComesBack) {
  expect_config(
      PReLU({.alpha_initializer = "ones", .shared_axes = {1, 2}, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","alpha_initializer":"ones","shared_axes":[1,2]})");
}

TEST(PReLU, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(PReLU({.alpha_initializer = "ones", .shared_axes = {1, 2}, .name = "x"}), {8, 8, 4}),
            (Shape{8, 8, 4}));
}

TEST(PReLU, DefaultsAreTheStructs) { expect_defaults("PReLU"); }

TEST(PReLU, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)PReLU({.shared_axes = {4}})(Input({8, 8, 1})); }, "PReLU");
  expect_refused([] { (void)PReLU()(Input({-1, 8, 1})); }, "PReLU");
}

}  // namespace
}  // namespace graft::layers
