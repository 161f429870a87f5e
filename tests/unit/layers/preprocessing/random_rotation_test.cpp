// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(RandomRotation, ConfigIsKerasAndComesBack) {
  expect_config(
      RandomRotation({.factor = 0.2, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","factor":0.2,"fill_mode":"reflect","interpolation":"bilinear","fill_value":0.0,"seed":null,"data_format":"channels_last"})");
}

TEST(RandomRotation, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(RandomRotation({.factor = 0.2, .name = "x"}), {8, 8, 4}), (Shape{8, 8, 4}));
}

TEST(RandomRotation, DefaultsAreTheStructs) { expect_defaults("RandomRotation"); }

TEST(RandomRotation, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)from_config("RandomRotation", {{"fill_mode", "mirror"}}); }, "RandomRotation");
}

}  // namespace
}  // namespace graft::layers
