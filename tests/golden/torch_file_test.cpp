// SPDX-License-Identifier: Apache-2.0
// A PyTorch file of a whole network, from its bytes to its logits.
#include <gtest/gtest.h>

#include "graft/applications/applications.hpp"
#include "graft/base/error.hpp"
#include "graft/plan/plan.hpp"
#include "graft/saving/load_weights.hpp"

#include "golden_files.hpp"
#include "golden_models.hpp"

namespace graft::plan {
namespace {

TEST(TorchFile, ATrainersCheckpointLoadsAndComputesWhatPyTorchComputes) {
  const std::filesystem::path files = test::goldens() / "files";
  Model model = applications::ResNet18({.input_shape = {64, 64, 3}, .classifier_activation = "linear"});
  const saving::LoadReport report = saving::load_weights(model, files / "torch_resnet18.pth");
  EXPECT_EQ(report.matched.size(), model.weights().size());
  EXPECT_TRUE(report.missing.empty());
  EXPECT_TRUE(report.unused.empty());
  EXPECT_EQ(report.place, "run.model, under backbone.");
  EXPECT_NE(report.summary().find("102 weights loaded from run.model, under backbone."), std::string::npos)
      << report.summary();
  Plan plan = Plan::lower(model, {});
  plan.forward(test::scaled(test::golden_image(64, 64)));
  const Json expected = test::read_json(files / "torch_resnet18.json");
  test::expect_first_values(plan.output().data(), expected.at("output"), test::kUsual);
}

TEST(TorchFile, OfAnotherNetworkSaysWhatIsDifferent) {
  const std::filesystem::path file = test::goldens() / "files" / "torch_resnet18.pth";
  Model deeper = applications::ResNet34({.input_shape = {64, 64, 3}});
  try {
    saving::load_weights(deeper, file);
    ADD_FAILURE() << "ResNet18's file was taken for ResNet34's";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::shape_mismatch);
    EXPECT_NE(std::string(error.what()).find("it lacks layer1.2.conv1.weight"), std::string::npos)
        << error.what();
  }
  const saving::LoadReport report = saving::load_weights(deeper, file, {.skip_mismatch = true});
  EXPECT_EQ(report.matched.size(), 102);
}

}  // namespace
}  // namespace graft::plan
