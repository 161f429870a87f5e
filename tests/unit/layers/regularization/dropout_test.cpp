// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/regularization.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Dropout, ConfigIsKerasAndComesBack) {
  expect_config(
      Dropout({.rate = 0.3, .noise_shape = {-1, 1, 8, 1}, .seed = 7, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","rate":0.3,"seed":7,"noise_shape":[null,1,8,1]})");
}

TEST(Dropout, OutputShapeIsKeras) {
  EXPECT_EQ(
      shape_after(Dropout({.rate = 0.3, .noise_shape = {-1, 1, 8, 1}, .seed = 7, .name = "x"}), {8, 8, 4}),
      (Shape{8, 8, 4}));
}

TEST(Dropout, DefaultsAreTheStructs) { expect_defaults("Dropout"); }

TEST(Dropout, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Dropout({.rate = 1.5}); }, "Dropout");
  expect_refused([] { (void)Dropout({.noise_shape = {-1, 0}}); }, "Dropout");
  expect_refused([] { (void)Dropout({.noise_shape = {-1, 3}})(Input({4})); }, "Dropout");
}

}  // namespace
}  // namespace graft::layers
