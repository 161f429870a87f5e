// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/core.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(LeakyReLU, ConfigIsKerasAndComesBack) {
  expect_config(LeakyReLU({.negative_slope = 0.1, .name = "x"}),
                R"({"name":"x","trainable":true,"dtype":"float32","negative_slope":0.1})");
}

TEST(LeakyReLU, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(LeakyReLU({.negative_slope = 0.1, .name = "x"}), {8, 8, 4}), (Shape{8, 8, 4}));
}

TEST(LeakyReLU, ReadsKeras2sAlpha) {
  EXPECT_EQ(from_config("LeakyReLU", {{"alpha", 0.25}}).config().at("negative_slope"), 0.25);
}

TEST(LeakyReLU, DefaultsAreTheStructs) { expect_defaults("LeakyReLU"); }

TEST(LeakyReLU, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)LeakyReLU({.negative_slope = -1}); }, "LeakyReLU");
}

}  // namespace
}  // namespace graft::layers
