// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/merging.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Subtract, ConfigIsKerasAndComesBack) {
  expect_config(Subtract("x"), R"({"name":"x","trainable":true,"dtype":"float32"})");
}

TEST(Subtract, BroadcastsItsInputs) {
  const Layer layer = Subtract("x");
  EXPECT_EQ(layer(std::vector{Input({8, 8, 4}), Input({1, 1, 4})}).shape, (Shape{-1, 8, 8, 4}));
}

TEST(Subtract, DefaultsAreTheStructs) { expect_defaults("Subtract"); }

TEST(Subtract, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Subtract()(std::vector{Input({4}), Input({4}), Input({4})}); }, "Subtract");
}

}  // namespace
}  // namespace graft::layers
