// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/normalization.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(GroupNormalization, ConfigIsKerasAndComesBack) {
  expect_config(
      GroupNormalization({.groups = 2, .epsilon = 1e-5, .scale = false, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","groups":2,"axis":-1,"epsilon":1e-05,"center":true,"scale":false,"beta_initializer":"zeros","gamma_initializer":"ones"})");
}

TEST(GroupNormalization, OutputShapeIsKeras) {
  EXPECT_EQ(
      shape_after(GroupNormalization({.groups = 2, .epsilon = 1e-5, .scale = false, .name = "x"}), {8, 8, 4}),
      (Shape{8, 8, 4}));
}

TEST(GroupNormalization, DefaultsAreTheStructs) { expect_defaults("GroupNormalization"); }

TEST(GroupNormalization, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)GroupNormalization({.groups = 0}); }, "GroupNormalization");
  expect_refused([] { (void)GroupNormalization({.groups = 3})(Input({8, 8, 4})); }, "GroupNormalization");
  expect_refused([] { (void)from_config("GroupNormalization", {{"axis", 1}}); }, "GroupNormalization");
}

}  // namespace
}  // namespace graft::layers
