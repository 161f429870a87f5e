// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Rescaling, ConfigIsKerasAndComesBack) {
  expect_config(
      Rescaling({.scale = 1 / 127.5, .offset = -1, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","scale":0.00784313725490196,"offset":-1.0})");
}

TEST(Rescaling, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(Rescaling({.scale = {1 / 127.5}, .offset = {-1}, .name = "x"}), {8, 8, 4}),
            (Shape{8, 8, 4}));
}

TEST(Rescaling, DefaultsAreTheStructs) { expect_defaults("Rescaling"); }

TEST(Rescaling, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Rescaling({.scale = {1, 2}})(Input({8, 8, 3})); }, "Rescaling");
}

}  // namespace
}  // namespace graft::layers
