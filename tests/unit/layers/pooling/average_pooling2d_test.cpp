// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/pooling.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(AveragePooling2D, ConfigIsKerasAndComesBack) {
  expect_config(
      AveragePooling2D({.pool_size = {2, 4}, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","pool_size":[2,4],"padding":"valid","strides":[2,4],"data_format":"channels_last"})");
}

TEST(AveragePooling2D, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(AveragePooling2D({.pool_size = {2, 4}, .name = "x"}), {8, 8, 4}), (Shape{4, 2, 4}));
}

TEST(AveragePooling2D, DefaultsAreTheStructs) { expect_defaults("AveragePooling2D"); }

TEST(AveragePooling2D, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)AveragePooling2D()(Input({8})); }, "AveragePooling2D");
}

}  // namespace
}  // namespace graft::layers
