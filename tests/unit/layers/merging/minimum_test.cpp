// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/merging.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Minimum, ConfigIsKerasAndComesBack) {
  expect_config(Minimum("x"), R"({"name":"x","trainable":true,"dtype":"float32"})");
}

TEST(Minimum, BroadcastsItsInputs) {
  const Layer layer = Minimum("x");
  EXPECT_EQ(layer(std::vector{Input({8, 8, 4}), Input({1, 1, 4})}).shape, (Shape{-1, 8, 8, 4}));
}

TEST(Minimum, DefaultsAreTheStructs) { expect_defaults("Minimum"); }

TEST(Minimum, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Minimum()(std::vector{Input({4}), Input({5})}); }, "Minimum");
}

}  // namespace
}  // namespace graft::layers
