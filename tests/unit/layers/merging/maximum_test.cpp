// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/merging.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Maximum, ConfigIsKerasAndComesBack) {
  expect_config(Maximum("x"), R"({"name":"x","trainable":true,"dtype":"float32"})");
}

TEST(Maximum, BroadcastsItsInputs) {
  const Layer layer = Maximum("x");
  EXPECT_EQ(layer(std::vector{Input({8, 8, 4}), Input({1, 1, 4})}).shape, (Shape{-1, 8, 8, 4}));
}

TEST(Maximum, DefaultsAreTheStructs) { expect_defaults("Maximum"); }

TEST(Maximum, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Maximum()(std::vector{Input({4}), Input({5})}); }, "Maximum");
}

}  // namespace
}  // namespace graft::layers
