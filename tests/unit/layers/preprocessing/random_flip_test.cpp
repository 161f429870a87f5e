// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(RandomFlip, ConfigIsKerasAndComesBack) {
  expect_config(
      RandomFlip({.mode = Flip::horizontal, .seed = 3, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","mode":"horizontal","seed":3,"data_format":"channels_last"})");
}

TEST(RandomFlip, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(RandomFlip({.mode = Flip::horizontal, .seed = 3, .name = "x"}), {8, 8, 4}),
            (Shape{8, 8, 4}));
}

TEST(RandomFlip, DefaultsAreTheStructs) { expect_defaults("RandomFlip"); }

TEST(RandomFlip, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)from_config("RandomFlip", {{"mode", "diagonal"}}); }, "RandomFlip");
}

}  // namespace
}  // namespace graft::layers
