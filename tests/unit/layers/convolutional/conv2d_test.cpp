// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/convolutional.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Conv2D, ConfigIsKerasAndComesBack) {
  expect_config(
      Conv2D({.filters = 6,
              .kernel_size = {3, 1},
              .strides = 2,
              .padding = Padding::same,
              .groups = 2,
              .activation = "relu6",
              .use_bias = false,
              .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","filters":6,"groups":2,"kernel_initializer":"glorot_uniform","kernel_size":[3,1],"strides":[2,2],"padding":"same","data_format":"channels_last","dilation_rate":[1,1],"activation":"relu6","use_bias":false,"bias_initializer":"zeros"})");
}

TEST(Conv2D, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(Conv2D({.filters = 6,
                                .kernel_size = {3, 1},
                                .strides = 2,
                                .padding = Padding::same,
                                .groups = 2,
                                .activation = "relu6",
                                .use_bias = false,
                                .name = "x"}),
                        {8, 8, 4}),
            (Shape{4, 4, 6}));
}

TEST(Conv2D, KeepsOpenSizes) {
  EXPECT_EQ(shape_after(Conv2D({.filters = 2, .kernel_size = 3}), {-1, -1, 3}), (Shape{-1, -1, 2}));
}

TEST(Conv2D, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Conv2D({.filters = 0, .kernel_size = 3}); }, "Conv2D");
  expect_refused([] { (void)Conv2D({.filters = 1, .kernel_size = 9})(Input({8, 8, 1})); }, "Conv2D");
  expect_refused([] { (void)Conv2D({.filters = 1, .kernel_size = 3})(Input({8})); }, "Conv2D");
}

}  // namespace
}  // namespace graft::layers
