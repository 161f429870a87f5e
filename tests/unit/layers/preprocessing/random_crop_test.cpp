// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(RandomCrop, ConfigIsKerasAndComesBack) {
  expect_config(
      RandomCrop({.height = 3, .width = 5, .seed = 2, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","height":3,"width":5,"seed":2,"data_format":"channels_last"})");
}

TEST(RandomCrop, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(RandomCrop({.height = 3, .width = 5, .seed = 2, .name = "x"}), {8, 8, 4}),
            (Shape{3, 5, 4}));
}

TEST(RandomCrop, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)RandomCrop({.height = 1, .width = 0}); }, "RandomCrop");
}

}  // namespace
}  // namespace graft::layers
