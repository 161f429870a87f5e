// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/merging.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(CustomScaleLayer, ConfigIsKerasAndComesBack) {
  expect_config(CustomScaleLayer(0.17, "x"),
                R"({"name":"x","trainable":true,"dtype":"float32","scale":0.17})");
}

TEST(CustomScaleLayer, BroadcastsItsInputs) {
  const Layer layer = CustomScaleLayer(0.17, "x");
  EXPECT_EQ(layer(std::vector{Input({8, 8, 4}), Input({1, 1, 4})}).shape, (Shape{-1, 8, 8, 4}));
}

TEST(CustomScaleLayer, DefaultsAreTheStructs) { expect_defaults("CustomScaleLayer"); }

TEST(CustomScaleLayer, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)CustomScaleLayer(0.5)(Input({4})); }, "CustomScaleLayer");
}

}  // namespace
}  // namespace graft::layers
