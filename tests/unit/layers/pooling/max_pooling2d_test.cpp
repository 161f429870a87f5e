// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/pooling.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(MaxPooling2D, ConfigIsKerasAndComesBack) {
  expect_config(
      MaxPooling2D({.pool_size = 3, .strides = 2, .padding = Padding::same, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","pool_size":[3,3],"padding":"same","strides":[2,2],"data_format":"channels_last"})");
}

TEST(MaxPooling2D, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(MaxPooling2D({.pool_size = 3, .strides = 2, .padding = Padding::same, .name = "x"}),
                        {8, 8, 4}),
            (Shape{4, 4, 4}));
}

TEST(MaxPooling2D, DefaultsAreTheStructs) { expect_defaults("MaxPooling2D"); }

TEST(MaxPooling2D, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)MaxPooling2D()(Input({8})); }, "MaxPooling2D");
  expect_refused([] { (void)MaxPooling2D({.pool_size = 0}); }, "MaxPooling2D");
  expect_refused([] { (void)MaxPooling2D({.pool_size = 9})(Input({8, 8, 4})); }, "MaxPooling2D");
}

}  // namespace
}  // namespace graft::layers
