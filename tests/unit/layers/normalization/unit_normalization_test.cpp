// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/normalization.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(UnitNormalization, ConfigIsKerasAndComesBack) {
  expect_config(UnitNormalization("x"), R"({"name":"x","trainable":true,"dtype":"float32","axis":-1})");
}

TEST(UnitNormalization, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(UnitNormalization("x"), {8, 8, 4}), (Shape{8, 8, 4}));
}

TEST(UnitNormalization, DefaultsAreTheStructs) { expect_defaults("UnitNormalization"); }

TEST(UnitNormalization, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)from_config("UnitNormalization", {{"axis", 1}}); }, "UnitNormalization");
}

}  // namespace
}  // namespace graft::layers
