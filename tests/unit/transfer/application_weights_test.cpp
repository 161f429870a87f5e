// SPDX-License-Identifier: Apache-2.0
// ApplicationOptions::weights works without a weights_loader where the whole library is linked.
#include <cstdlib>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/error.hpp"
#include "graft/saving.hpp"

#include "support.hpp"

namespace graft {
namespace {

/// Sets GRAFT_WEIGHTS while it lives.
class WeightsFolder {
 public:
  explicit WeightsFolder(const std::filesystem::path& folder) {
    ::setenv("GRAFT_WEIGHTS", folder.c_str(), 1);
  }
  ~WeightsFolder() { ::unsetenv("GRAFT_WEIGHTS"); }
  WeightsFolder(const WeightsFolder&) = delete;
  WeightsFolder& operator=(const WeightsFolder&) = delete;
};

applications::ApplicationOptions small(const std::string& weights) {
  return {.input_shape = {96, 96, 3}, .include_top = false, .weights = weights, .alpha = 0.35};
}

const char* const kFile = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_96_no_top.h5";

float first_weight(const Model& model) {
  return model.get_layer("Conv1").weights().front()->value().data<float>()[0];
}

TEST(ApplicationWeights, ImagenetLoadsThePublishedFile) {
  const WeightsFolder folder(test::goldens() / "files");
  Model expected = applications::MobileNetV2(small(""));
  expected.load_weights(test::goldens() / "files" / kFile);
  const Model model = applications::MobileNetV2(small("imagenet"));
  EXPECT_EQ(first_weight(model), first_weight(expected));
  EXPECT_NE(first_weight(applications::MobileNetV2(small(""))), first_weight(expected));
}

TEST(ApplicationWeights, TheDefaultIsImagenetAsInKeras) {
  const WeightsFolder folder(test::goldens() / "files");
  const Model model =
      applications::MobileNetV2({.input_shape = {96, 96, 3}, .include_top = false, .alpha = 0.35});
  EXPECT_EQ(first_weight(model), first_weight(applications::MobileNetV2(small("imagenet"))));
  EXPECT_NE(first_weight(model), first_weight(applications::MobileNetV2(small("none"))));
}

TEST(ApplicationWeights, AFileIsLoaded) {
  const std::string file = (test::goldens() / "files" / kFile).string();
  const WeightsFolder folder(test::goldens() / "files");
  EXPECT_EQ(first_weight(applications::MobileNetV2(small(file))),
            first_weight(applications::MobileNetV2(small("imagenet"))));
}

TEST(ApplicationWeights, AMissingFileIsReportedWithItsName) {
  const test::TemporaryFolder empty;
  const WeightsFolder folder(empty.path());
  try {
    (void)applications::VGG19();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
    EXPECT_NE(std::string(error.what()).find("vgg19_weights_tf_dim_ordering_tf_kernels.h5"),
              std::string::npos)
        << error.what();
    EXPECT_NE(std::string(error.what()).find("none"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace graft
