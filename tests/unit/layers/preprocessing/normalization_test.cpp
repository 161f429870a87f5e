// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

TEST(Normalization, ConfigIsKerasAndComesBack) {
  expect_config(
      Normalization({.mean = {1, 2, 3, 4}, .variance = {1, 4, 9, 16}, .name = "x"}),
      R"({"name":"x","trainable":true,"dtype":"float32","axis":[-1],"invert":false,"mean":[1.0,2.0,3.0,4.0],"variance":[1.0,4.0,9.0,16.0]})");
}

TEST(Normalization, OutputShapeIsKeras) {
  EXPECT_EQ(
      shape_after(Normalization({.mean = {1, 2, 3, 4}, .variance = {1, 4, 9, 16}, .name = "x"}), {8, 8, 4}),
      (Shape{8, 8, 4}));
}

TEST(Normalization, DefaultsAreTheStructs) { expect_defaults("Normalization"); }

TEST(Normalization, RefusesWhatIsNotAllowed) {
  expect_refused([] { (void)Normalization({.mean = {1}}); }, "Normalization");
  expect_refused(
      [] {
        (void)Normalization({.mean = {1, 2}, .variance = {1, 2}})(Input({8, 8, 3}));
      },
      "Normalization");
  expect_refused([] { (void)from_config("Normalization", {{"axis", nullptr}}); }, "Normalization");
  expect_refused([] { (void)from_config("Normalization", {{"invert", true}}); }, "Normalization");
}

}  // namespace
}  // namespace graft::layers
