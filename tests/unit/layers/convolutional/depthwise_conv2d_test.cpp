// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/convolutional.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(DepthwiseConv2D, ConfigIsKerasAndComesBack) {
  expect_config(
      DepthwiseConv2D(
          {.kernel_size = 3, .depth_multiplier = 2, .dilation_rate = 2, .activation = "swish", .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","depth_multiplier":2,"depthwise_initializer":"glorot_uniform","kernel_size":[3,3],"strides":[1,1],"padding":"valid","data_format":"channels_last","dilation_rate":[2,2],"activation":"swish","use_bias":true,"bias_initializer":"zeros"})");
}

TEST(DepthwiseConv2D, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(DepthwiseConv2D({.kernel_size = 3,
                                         .depth_multiplier = 2,
                                         .dilation_rate = 2,
                                         .activation = "swish",
                                         .name = "x"}),
                        {8, 8, 4}),
            (Shape{4, 4, 8}));
}

TEST(DepthwiseConv2D, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)DepthwiseConv2D({.kernel_size = 3})(Input({8})); }, "DepthwiseConv2D");
  expect_refused([] { (void)DepthwiseConv2D({.kernel_size = 3, .depth_multiplier = 0}); }, "DepthwiseConv2D");
}

}  // namespace
}  // namespace graft::layers
