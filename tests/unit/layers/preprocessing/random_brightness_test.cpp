// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(RandomBrightness, ConfigIsKerasAndComesBack) {
  expect_config(
      RandomBrightness({.factor = 0.4, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","factor":0.4,"value_range":[0.0,255.0],"seed":null,"data_format":"channels_last"})");
}

TEST(RandomBrightness, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(RandomBrightness({.factor = 0.4, .name = "x"}), {8, 8, 4}), (Shape{8, 8, 4}));
}

TEST(RandomBrightness, DefaultsAreTheStructs) { expect_defaults("RandomBrightness"); }

TEST(RandomBrightness, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)RandomBrightness()(Input({8})); }, "RandomBrightness");
}

}  // namespace
}  // namespace graft::layers
