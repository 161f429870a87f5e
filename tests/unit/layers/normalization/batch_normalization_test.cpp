// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/normalization.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(BatchNormalization, ConfigIsKerasAndComesBack) {
  expect_config(
      BatchNormalization({.momentum = 0.9, .epsilon = 1e-5, .center = false, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","axis":-1,"momentum":0.9,"epsilon":1e-05,"center":false,"scale":true})");
}

TEST(BatchNormalization, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(BatchNormalization({.momentum = 0.9, .epsilon = 1e-5, .center = false, .name = "x"}),
                        {8, 8, 4}),
            (Shape{8, 8, 4}));
}

TEST(BatchNormalization, DefaultsAreTheStructs) { expect_defaults("BatchNormalization"); }

TEST(BatchNormalization, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)from_config("BatchNormalization", {{"axis", {1, 2}}}); }, "BatchNormalization");
}

}  // namespace
}  // namespace graft::layers
