// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Resizing, ConfigIsKerasAndComesBack) {
  expect_config(
      Resizing({.height = 5, .width = 6, .interpolation = "nearest", .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","height":5,"width":6,"interpolation":"nearest","crop_to_aspect_ratio":false,"data_format":"channels_last"})");
}

TEST(Resizing, OutputShapeIsKeras) {
  EXPECT_EQ(
      shape_after(Resizing({.height = 5, .width = 6, .interpolation = "nearest", .name = "x"}), {8, 8, 4}),
      (Shape{5, 6, 4}));
}

TEST(Resizing, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Resizing({.height = 0, .width = 1}); }, "Resizing");
  expect_refused([] { (void)Resizing({.height = 1, .width = 1, .interpolation = "lanczos3"}); }, "Resizing");
  expect_refused(
      [] {
        (void)from_config("Resizing", {{"height", 2}, {"width", 2}, {"antialias", true}});
      },
      "Resizing");
}

}  // namespace
}  // namespace graft::layers
