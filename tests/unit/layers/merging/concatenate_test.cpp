// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/merging.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Concatenate, ConfigIsKerasAndComesBack) {
  expect_config(Concatenate({.axis = 1, .name = "x"}),
                R"({"name":"x","trainable":true,"dtype":"float32","axis":1})");
}

TEST(Concatenate, AddsUpSizesAlongItsAxis) {
  const SymbolicTensor x = Input({8, 8, 4});
  EXPECT_EQ(Concatenate({.axis = 1, .name = "x"})(std::vector{x, x}).shape, (Shape{-1, 16, 8, 4}));
  EXPECT_EQ(Concatenate()(std::vector{x, x}).shape, (Shape{-1, 8, 8, 8}));
}

TEST(Concatenate, DefaultsAreTheStructs) { expect_defaults("Concatenate"); }

TEST(Concatenate, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Concatenate()(std::vector{Input({4, 4}), Input({5, 5})}); }, "Concatenate");
  expect_refused([] { (void)Concatenate({.axis = 0})(std::vector{Input({4}), Input({4})}); }, "Concatenate");
}

}  // namespace
}  // namespace graft::layers
