// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/pooling.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(GlobalAveragePooling2D, ConfigIsKerasAndComesBack) {
  expect_config(
      GlobalAveragePooling2D({.keepdims = true, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","data_format":"channels_last","keepdims":true})");
}

TEST(GlobalAveragePooling2D, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(GlobalAveragePooling2D({.keepdims = true, .name = "x"}), {8, 8, 4}),
            (Shape{1, 1, 4}));
}

TEST(GlobalAveragePooling2D, DefaultsAreTheStructs) { expect_defaults("GlobalAveragePooling2D"); }

TEST(GlobalAveragePooling2D, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)GlobalAveragePooling2D()(Input({8})); }, "GlobalAveragePooling2D");
}

}  // namespace
}  // namespace graft::layers
