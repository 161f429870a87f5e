// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/normalization.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(LayerNormalization, ConfigIsKerasAndComesBack) {
  expect_config(
      LayerNormalization({.axis = {-2, -1}, .epsilon = 1e-6, .center = false, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","axis":[-2,-1],"epsilon":1e-06,"center":false,"scale":true,"beta_initializer":"zeros","gamma_initializer":"ones"})");
}

TEST(LayerNormalization, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(LayerNormalization({.axis = {-2, -1}, .epsilon = 1e-6, .center = false, .name = "x"}),
                        {8, 8, 4}),
            (Shape{8, 8, 4}));
}

TEST(LayerNormalization, DefaultsAreTheStructs) { expect_defaults("LayerNormalization"); }

TEST(LayerNormalization, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)LayerNormalization({.axis = {1}})(Input({8, 8, 1})); }, "LayerNormalization");
  expect_refused([] { (void)LayerNormalization({.axis = {9}})(Input({8, 8, 1})); }, "LayerNormalization");
  expect_refused(
      [] {
        (void)from_config("LayerNormalization", {{"rms_scaling", true}});
      },
      "LayerNormalization");
}

}  // namespace
}  // namespace graft::layers
