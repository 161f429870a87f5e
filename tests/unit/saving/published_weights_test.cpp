// SPDX-License-Identifier: Apache-2.0
// Weights in the layout that Keras publishes, real and from the goldens.
#include "graft/applications.hpp"
#include "graft/saving.hpp"

#include "saving_support.hpp"

namespace graft {
namespace {

using saving::load_weights;
using saving::LoadReport;

TEST(PublishedWeights, FitMobileNetV2) {
  GRAFT_REQUIRE_DATA(data);
  const auto path = data / "weights" / "mobilenet_v2_1.0_224_no_top_keras_layout.h5";
  Model model =
      applications::MobileNetV2({.input_shape = {160, 160, 3}, .include_top = false, .weights = "none"});
  const LoadReport report = load_weights(model, path);
  EXPECT_EQ(report.summary(), "260 weights loaded");
  const float kernel = model.get_layer("Conv1").weights()[0]->value().data()[0];

  // The same file into the model with its top: the rest of the network by name, the top as it was.
  Model whole = applications::MobileNetV2({.input_shape = {224, 224, 3}, .weights = "none"});
  const LoadReport rest = load_weights(whole, path);
  EXPECT_EQ(rest.matched.size(), 260U);
  EXPECT_EQ(rest.missing, (std::vector<std::string>{"predictions/kernel", "predictions/bias"}));
  EXPECT_EQ(whole.get_layer("Conv1").weights()[0]->value().data()[0], kernel);

  Model narrow = applications::MobileNetV2(
      {.input_shape = {96, 96, 3}, .include_top = false, .weights = "none", .alpha = 0.35});
  test::expect_error([&] { load_weights(narrow, path); }, ErrorKind::shape_mismatch,
                     {"Conv1/kernel", "(3, 3, 3, 32)", "(3, 3, 3, 16)"});
}

TEST(PublishedWeights, TheBaseOfAKerasFileIsMobileNetV2) {
  const Model loaded = saving::load_model(test::goldens() / "files" / "nested_transfer.keras").model;
  Model base = applications::MobileNetV2(
      {.input_shape = {96, 96, 3}, .include_top = false, .weights = "none", .alpha = 0.35});
  const LoadReport report = load_weights(base, test::goldens() / "files" / "nested_transfer.keras");
  EXPECT_EQ(report.matched.size(), 260U);
  EXPECT_EQ(report.unused, (std::vector<std::string>{"layers/dense/vars/0", "layers/dense/vars/1"}));
  EXPECT_EQ(test::golden_difference(base), 0);
}

}  // namespace
}  // namespace graft
