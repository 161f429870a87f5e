// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/reshaping.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Cropping2D, ConfigIsKerasAndComesBack) {
  expect_config(
      Cropping2D({.top = 0, .bottom = 1, .left = 2, .right = 3, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","cropping":[[0,1],[2,3]],"data_format":"channels_last"})");
}

TEST(Cropping2D, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(Cropping2D({.top = 0, .bottom = 1, .left = 2, .right = 3, .name = "x"}), {8, 8, 4}),
            (Shape{7, 3, 4}));
}

TEST(Cropping2D, DefaultsAreTheStructs) { expect_defaults("Cropping2D"); }

TEST(Cropping2D, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Cropping2D({.top = -1}); }, "Cropping2D");
  expect_refused([] { (void)Cropping2D({.top = 4, .bottom = 4})(Input({8, 8, 1})); }, "Cropping2D");
}

}  // namespace
}  // namespace graft::layers
