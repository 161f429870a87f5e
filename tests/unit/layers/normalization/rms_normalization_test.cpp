// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/normalization.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(RMSNormalization, ConfigIsKerasAndComesBack) {
  expect_config(RMSNormalization({.epsilon = 1e-5, .name = "x"}),
                R"({"name":"x","trainable":true,"dtype":"float32","axis":[-1],"epsilon":1e-05})");
}

TEST(RMSNormalization, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(RMSNormalization({.epsilon = 1e-5, .name = "x"}), {8, 8, 4}), (Shape{8, 8, 4}));
}

TEST(RMSNormalization, DefaultsAreTheStructs) { expect_defaults("RMSNormalization"); }

TEST(RMSNormalization, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)from_config("RMSNormalization", {{"axis", 1}}); }, "RMSNormalization");
}

}  // namespace
}  // namespace graft::layers
