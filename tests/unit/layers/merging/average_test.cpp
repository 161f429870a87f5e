// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/merging.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Average, ConfigIsKerasAndComesBack) {
  expect_config(Average("x"), R"({"name":"x","trainable":true,"dtype":"float32"})");
}

TEST(Average, BroadcastsItsInputs) {
  const Layer layer = Average("x");
  EXPECT_EQ(layer(std::vector{Input({8, 8, 4}), Input({1, 1, 4})}).shape, (Shape{-1, 8, 8, 4}));
}

TEST(Average, DefaultsAreTheStructs) { expect_defaults("Average"); }

TEST(Average, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Average()(std::vector{Input({4}), Input({5})}); }, "Average");
}

}  // namespace
}  // namespace graft::layers
