// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(RandomTranslation, ConfigIsKerasAndComesBack) {
  expect_config(
      RandomTranslation({.height_factor = 0.1, .width_factor = 0.2, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","height_factor":0.1,"width_factor":0.2,"fill_mode":"reflect","interpolation":"bilinear","fill_value":0.0,"seed":null,"data_format":"channels_last"})");
}

TEST(RandomTranslation, OutputShapeIsKeras) {
  EXPECT_EQ(
      shape_after(RandomTranslation({.height_factor = 0.1, .width_factor = 0.2, .name = "x"}), {8, 8, 4}),
      (Shape{8, 8, 4}));
}

TEST(RandomTranslation, DefaultsAreTheStructs) { expect_defaults("RandomTranslation"); }

TEST(RandomTranslation, RefusesWhatIsNotAllowed) {
  expect_refused(
      [] {
        (void)from_config("RandomTranslation", {{"width_factor", "wide"}});
      },
      "RandomTranslation");
}

}  // namespace
}  // namespace graft::layers
