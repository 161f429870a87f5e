// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/reshaping.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Permute, ConfigIsKerasAndComesBack) {
  expect_config(Permute({.dims = {3, 1, 2}, .name = "x"}),
                R"({"name":"x","trainable":true,"dtype":"float32","dims":[3,1,2]})");
}

TEST(Permute, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(Permute({.dims = {3, 1, 2}, .name = "x"}), {8, 8, 4}), (Shape{4, 8, 8}));
}

TEST(Permute, DefaultsAreTheStructs) { expect_defaults("Permute"); }

TEST(Permute, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Permute({.dims = {1, 1}}); }, "Permute");
  expect_refused([] { (void)Permute({.dims = {2, 1}})(Input({8, 8, 1})); }, "Permute");
}

}  // namespace
}  // namespace graft::layers
