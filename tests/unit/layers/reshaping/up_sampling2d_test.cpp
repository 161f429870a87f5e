// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/reshaping.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(UpSampling2D, ConfigIsKerasAndComesBack) {
  expect_config(
      UpSampling2D({.size = {2, 3}, .interpolation = "bilinear", .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","size":[2,3],"data_format":"channels_last","interpolation":"bilinear"})");
}

TEST(UpSampling2D, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(UpSampling2D({.size = {2, 3}, .interpolation = "bilinear", .name = "x"}), {8, 8, 4}),
            (Shape{16, 24, 4}));
}

TEST(UpSampling2D, DefaultsAreTheStructs) { expect_defaults("UpSampling2D"); }

TEST(UpSampling2D, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)UpSampling2D({.size = 0}); }, "UpSampling2D");
  expect_refused([] { (void)UpSampling2D({.interpolation = "lanczos3"}); }, "UpSampling2D");
}

}  // namespace
}  // namespace graft::layers
