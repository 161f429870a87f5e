// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(RandomZoom, ConfigIsKerasAndComesBack) {
  expect_config(
      RandomZoom({.height_factor = 0.1, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","height_factor":0.1,"width_factor":null,"fill_mode":"reflect","interpolation":"bilinear","fill_value":0.0,"seed":null,"data_format":"channels_last"})");
}

TEST(RandomZoom, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(RandomZoom({.height_factor = 0.1, .name = "x"}), {8, 8, 4}), (Shape{8, 8, 4}));
}

TEST(RandomZoom, DefaultsAreTheStructs) { expect_defaults("RandomZoom"); }

TEST(RandomZoom, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)from_config("RandomZoom", {{"height_factor", {1, 2, 3}}}); }, "RandomZoom");
}

}  // namespace
}  // namespace graft::layers
