// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(RandomContrast, ConfigIsKerasAndComesBack) {
  expect_config(
      RandomContrast({.factor = 0.4, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","factor":0.4,"value_range":[0.0,255.0],"seed":null,"data_format":"channels_last"})");
}

TEST(RandomContrast, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(RandomContrast({.factor = 0.4, .name = "x"}), {8, 8, 4}), (Shape{8, 8, 4}));
}

TEST(RandomContrast, DefaultsAreTheStructs) { expect_defaults("RandomContrast"); }

TEST(RandomContrast, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)RandomContrast()(Input({8})); }, "RandomContrast");
}

}  // namespace
}  // namespace graft::layers
