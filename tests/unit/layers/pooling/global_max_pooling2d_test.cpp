// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/pooling.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(GlobalMaxPooling2D, ConfigIsKerasAndComesBack) {
  expect_config(
      GlobalMaxPooling2D({.name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","data_format":"channels_last","keepdims":false})");
}

TEST(GlobalMaxPooling2D, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(GlobalMaxPooling2D({.name = "x"}), {8, 8, 4}), (Shape{4}));
}

TEST(GlobalMaxPooling2D, DefaultsAreTheStructs) { expect_defaults("GlobalMaxPooling2D"); }

TEST(GlobalMaxPooling2D, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)GlobalMaxPooling2D()(Input({8})); }, "GlobalMaxPooling2D");
}

}  // namespace
}  // namespace graft::layers
