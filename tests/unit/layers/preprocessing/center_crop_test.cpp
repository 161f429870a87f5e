// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(CenterCrop, ConfigIsKerasAndComesBack) {
  expect_config(
      CenterCrop({.height = 3, .width = 5, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","height":3,"width":5,"data_format":"channels_last"})");
}

TEST(CenterCrop, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(CenterCrop({.height = 3, .width = 5, .name = "x"}), {8, 8, 4}), (Shape{3, 5, 4}));
}

TEST(CenterCrop, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)CenterCrop({.height = 0, .width = 1}); }, "CenterCrop");
}

}  // namespace
}  // namespace graft::layers
