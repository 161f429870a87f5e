// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/reshaping.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(RepeatVector, ConfigIsKerasAndComesBack) {
  expect_config(RepeatVector({.n = 3, .name = "x"}),
                R"({"name":"x","trainable":true,"dtype":"float32","n":3})");
}

TEST(RepeatVector, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(RepeatVector({.n = 3, .name = "x"}), {4}), (Shape{3, 4}));
}

TEST(RepeatVector, DefaultsAreTheStructs) { expect_defaults("RepeatVector"); }

TEST(RepeatVector, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)RepeatVector({.n = 0}); }, "RepeatVector");
  expect_refused([] { (void)RepeatVector({.n = 2})(Input({8, 4})); }, "RepeatVector");
}

}  // namespace
}  // namespace graft::layers
