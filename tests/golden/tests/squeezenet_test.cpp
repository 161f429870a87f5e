// SPDX-License-Identifier: Apache-2.0
// The SqueezeNet 1.1 that circulates for Keras, whose layers have other names than torchvision's, in graft's.
#include <gtest/gtest.h>

#include "graft/plan/plan.hpp"
#include "graft/saving.hpp"

#include "golden_models.hpp"

namespace graft::plan {
namespace {

TEST(SqueezeNet, LoadsTheKerasFileWithoutTop) {
  GRAFT_REQUIRE_DATA(data);
  Model model =
      applications::SqueezeNet1_1({.input_shape = {224, 224, 3}, .include_top = false, .weights = "none"});
  const saving::LoadReport report =
      saving::load_weights(model, data / "weights/squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5");
  EXPECT_EQ(report.summary(), "50 weights loaded");  // fire2/squeeze1x1 in the place of features_3_squeeze

  const Tensor image =
      applications::preprocess_input(test::golden_image(224, 224, 3), applications::Preprocessing::caffe);
  Plan plan = Plan::lower(model, {});
  plan.forward(image);
  const auto features = plan.output().data();
  ASSERT_EQ(plan.output().shape(), (Shape{1, 13, 13, 512}));
  // PyTorch 2.15.0, torchvision 0.29.2's squeezenet1_1().features with this file's weights on this image.
  double mean = 0;
  for (const float x : features) mean += x;
  EXPECT_NEAR(mean / static_cast<double>(features.size()), 0.7867258, 1e-4);
  EXPECT_NEAR(features[482], 121.50729, 1e-2);
  EXPECT_NEAR(features[994], 110.29645, 1e-2);
  EXPECT_NEAR(features[78818], 107.04426, 1e-2);
}

}  // namespace
}  // namespace graft::plan
