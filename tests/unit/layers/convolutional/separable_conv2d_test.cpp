// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/convolutional.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(SeparableConv2D, ConfigIsKerasAndComesBack) {
  expect_config(
      SeparableConv2D({.filters = 6,
                       .kernel_size = {3, 5},
                       .strides = 2,
                       .padding = Padding::same,
                       .depth_multiplier = 2,
                       .activation = "gelu",
                       .use_bias = false,
                       .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","filters":6,"depth_multiplier":2,"depthwise_initializer":"glorot_uniform","pointwise_initializer":"glorot_uniform","kernel_size":[3,5],"strides":[2,2],"padding":"same","data_format":"channels_last","dilation_rate":[1,1],"activation":"gelu","use_bias":false,"bias_initializer":"zeros"})");
}

TEST(SeparableConv2D, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(SeparableConv2D({.filters = 6,
                                         .kernel_size = {3, 5},
                                         .strides = 2,
                                         .padding = Padding::same,
                                         .depth_multiplier = 2,
                                         .activation = "gelu",
                                         .use_bias = false,
                                         .name = "x"}),
                        {8, 8, 4}),
            (Shape{4, 4, 6}));
}

TEST(SeparableConv2D, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)SeparableConv2D({.filters = 0, .kernel_size = 3}); }, "SeparableConv2D");
  expect_refused([] { (void)SeparableConv2D({.filters = 1, .kernel_size = 3, .depth_multiplier = 0}); },
                 "SeparableConv2D");
}

}  // namespace
}  // namespace graft::layers
