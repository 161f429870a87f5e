// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/merging.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Add, ConfigIsKerasAndComesBack) {
  expect_config(Add("x"), R"({"name":"x","trainable":true,"dtype":"float32"})");
}

TEST(Add, BroadcastsItsInputs) {
  const Layer layer = Add("x");
  EXPECT_EQ(layer(std::vector{Input({8, 8, 4}), Input({1, 1, 4})}).shape, (Shape{-1, 8, 8, 4}));
}

TEST(Add, DefaultsAreTheStructs) { expect_defaults("Add"); }

TEST(Add, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Add()(std::vector{Input({4}), Input({5})}); }, "Add");
  expect_refused([] { (void)Add()(Input({4})); }, "Add");
}

}  // namespace
}  // namespace graft::layers
