// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/reshaping.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Flatten, ConfigIsKerasAndComesBack) {
  expect_config(Flatten({.name = "x"}),
                R"({"name":"x","trainable":true,"dtype":"float32","data_format":"channels_last"})");
}

TEST(Flatten, OutputShapeIsKeras) { EXPECT_EQ(shape_after(Flatten({.name = "x"}), {8, 8, 4}), (Shape{256})); }

TEST(Flatten, DefaultsAreTheStructs) { expect_defaults("Flatten"); }

TEST(Flatten, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)from_config("Flatten", {{"data_format", "channels_first"}}); }, "Flatten");
}

}  // namespace
}  // namespace graft::layers
