// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/core.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Activation, ConfigIsKerasAndComesBack) {
  expect_config(Activation("softmax", "x"),
                R"({"name":"x","trainable":true,"dtype":"float32","activation":"softmax"})");
}

TEST(Activation, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(Activation("softmax", "x"), {8, 8, 4}), (Shape{8, 8, 4}));
}

TEST(Activation, DefaultsAreTheStructs) { expect_defaults("Activation"); }

TEST(Activation, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Activation("wobble"); }, "Activation");
}

}  // namespace
}  // namespace graft::layers
