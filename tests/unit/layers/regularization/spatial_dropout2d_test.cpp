// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/regularization.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(SpatialDropout2D, ConfigIsKerasAndComesBack) {
  expect_config(SpatialDropout2D({.rate = 0.2, .seed = 4, .name = "x"}),
                R"({"rate":0.2,"seed":4,"name":"x","dtype":"float32"})");
}

TEST(SpatialDropout2D, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(SpatialDropout2D({.rate = 0.2, .seed = 4, .name = "x"}), {8, 8, 4}),
            (Shape{8, 8, 4}));
}

TEST(SpatialDropout2D, DefaultsAreTheStructs) { expect_defaults("SpatialDropout2D"); }

TEST(SpatialDropout2D, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)SpatialDropout2D({.rate = -0.1}); }, "SpatialDropout2D");
  expect_refused(
      [] {
        (void)from_config("SpatialDropout2D", {{"data_format", "channels_first"}});
      },
      "SpatialDropout2D");
}

}  // namespace
}  // namespace graft::layers
