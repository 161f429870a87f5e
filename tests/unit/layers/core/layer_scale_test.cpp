// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/core.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(LayerScale, ConfigIsKerasAndComesBack) {
  expect_config(LayerScale({.init_values = 0.5, .projection_dim = 4, .name = "x"}),
                R"({"name":"x","trainable":true,"dtype":"float32","init_values":0.5,"projection_dim":4})");
}

TEST(LayerScale, OutputShapeIsKeras) {
  EXPECT_EQ(shape_after(LayerScale({.init_values = 0.5, .projection_dim = 4, .name = "x"}), {8, 8, 4}),
            (Shape{8, 8, 4}));
}

TEST(LayerScale, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)LayerScale({.projection_dim = 0}); }, "LayerScale");
  expect_refused([] { (void)LayerScale({.projection_dim = 3})(Input({8, 8, 4})); }, "LayerScale");
}

}  // namespace
}  // namespace graft::layers
