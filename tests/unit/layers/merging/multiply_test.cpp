// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/merging.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Multiply, ConfigIsKerasAndComesBack) {
  expect_config(Multiply("x"), R"({"name":"x","trainable":true,"dtype":"float32"})");
}

TEST(Multiply, BroadcastsItsInputs) {
  const Layer layer = Multiply("x");
  EXPECT_EQ(layer(std::vector{Input({8, 8, 4}), Input({1, 1, 4})}).shape, (Shape{-1, 8, 8, 4}));
}

TEST(Multiply, DefaultsAreTheStructs) { expect_defaults("Multiply"); }

TEST(Multiply, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Multiply()(std::vector{Input({4, 3}), Input({5, 3})}); }, "Multiply");
}

}  // namespace
}  // namespace graft::layers
