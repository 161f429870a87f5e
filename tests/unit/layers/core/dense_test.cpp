// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/core.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Dense, ConfigIsKerasAndComesBack) {
  expect_config(
      Dense({.units = 5, .activation = "tanh", .use_bias = false, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","units":5,"activation":"tanh","use_bias":false,"kernel_initializer":"glorot_uniform","bias_initializer":"zeros"})");
}

TEST(Dense, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(Dense({.units = 5, .activation = "tanh", .use_bias = false, .name = "x"}), {8, 8, 4}),
            (Shape{8, 8, 5}));
}

TEST(Dense, RefusesAnotherNumberOfFeaturesOnceBuilt) {
  const Layer dense = Dense({.units = 2});
  (void)dense(Input({3}));
  EXPECT_THROW((void)dense(Input({4})), Error);
}

TEST(Dense, WritesItsRulesAsKerasObjects) {
  const Json config = Dense({.units = 2, .kernel_regularizer = "l2(0.5)"}).config();
  EXPECT_EQ(config.at("kernel_regularizer").at("config").at("l2"), 0.5);
  EXPECT_FALSE(config.contains("bias_regularizer"));
}

TEST(Dense, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Dense({.units = 0}); }, "Dense");
}

}  // namespace
}  // namespace graft::layers
