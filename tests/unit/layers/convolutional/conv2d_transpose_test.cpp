// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/convolutional.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Conv2DTranspose, ConfigIsKerasAndComesBack) {
  expect_config(
      Conv2DTranspose({.filters = 5,
                       .kernel_size = {3, 2},
                       .strides = 2,
                       .padding = Padding::same,
                       .output_padding = Size2D{1, 1},
                       .activation = "elu",
                       .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","filters":5,"output_padding":[1,1],"kernel_initializer":"glorot_uniform","kernel_size":[3,2],"strides":[2,2],"padding":"same","data_format":"channels_last","dilation_rate":[1,1],"activation":"elu","use_bias":true,"bias_initializer":"zeros"})");
}

TEST(Conv2DTranspose, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(Conv2DTranspose({.filters = 5,
                                         .kernel_size = {3, 2},
                                         .strides = 2,
                                         .padding = Padding::same,
                                         .output_padding = Size2D{1, 1},
                                         .activation = "elu",
                                         .name = "x"}),
                        {8, 8, 4}),
            (Shape{16, 15, 5}));
}

TEST(Conv2DTranspose, RefusesWhatIsNotAllowed) {
  expect_refused(
      [] {
        (void)Conv2DTranspose({.filters = 1, .kernel_size = 3, .output_padding = Size2D{1, 1}});
      },
      "Conv2DTranspose");
  expect_refused(
      [] { (void)Conv2DTranspose({.filters = 1, .kernel_size = 3, .strides = 2, .dilation_rate = 2}); },
      "Conv2DTranspose");
}

}  // namespace
}  // namespace graft::layers
