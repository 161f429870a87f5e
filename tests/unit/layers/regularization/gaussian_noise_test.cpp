// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/regularization.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(GaussianNoise, ConfigIsKerasAndComesBack) {
  expect_config(GaussianNoise({.stddev = 0.25, .seed = 9, .name = "x"}),
                R"({"name":"x","trainable":true,"dtype":"float32","stddev":0.25,"seed":9})");
}

TEST(GaussianNoise, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(GaussianNoise({.stddev = 0.25, .seed = 9, .name = "x"}), {8, 8, 4}),
            (Shape{8, 8, 4}));
}

TEST(GaussianNoise, DefaultsAreTheStructs) { expect_defaults("GaussianNoise"); }

TEST(GaussianNoise, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)GaussianNoise({.stddev = 2}); }, "GaussianNoise");
}

}  // namespace
}  // namespace graft::layers
