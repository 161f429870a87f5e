// SPDX-License-Identifier: Apache-2.0
// The program with real photos and pretrained weights.
#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/formats/npy.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

TEST(CliPhotos, MobileNetV2RecognisesSamplesOfImageNet) {
  GRAFT_REQUIRE_DATA(data);
  const std::string weights =
      (data / "weights" / "mobilenet_v2_1.0_224_keras_layout_head_dequantised.h5").string();
  const Outcome outcome = run_graft({"predict", "mobilenet_v2", "--weights", weights, "--json", "--top", "3",
                                     (data / "photos" / "imagenet_samples" / "n01440764").string(),
                                     (data / "photos" / "imagenet_samples" / "n01518878").string()});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = outcome.json()["photos"];
  ASSERT_GE(json.size(), 2U);
  EXPECT_EQ(json.front()["predictions"][0]["class"], "n01440764");
  EXPECT_EQ(json.front()["predictions"][0]["name"], "tench");
  EXPECT_EQ(json.front()["predictions"].size(), 3U);
  EXPECT_EQ(json.back()["predictions"][0]["class"], "n01518878");
}

TEST(CliPhotos, EvaluatesAnArchitectureByWordNetIds) {
  GRAFT_REQUIRE_DATA(data);
  const std::string weights =
      (data / "weights" / "mobilenet_v2_1.0_224_keras_layout_head_dequantised.h5").string();
  const Outcome outcome = run_graft({"evaluate", "mobilenet_v2", "--weights", weights, "--json",
                                     "--no-report", (data / "photos" / "imagenet_samples").string()});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["photos"], 48);
  EXPECT_GE(outcome.json()["accuracy"].get<double>(), 0.8);
}

TEST(CliPhotos, FeaturesWithoutTop) {
  GRAFT_REQUIRE_DATA(data);
  const TemporaryFolder folder;
  const std::string weights = (data / "weights" / "mobilenet_v2_1.0_224_no_top_keras_layout.h5").string();
  const std::string file = (folder.path() / "f.npy").string();
  const std::string photos = (data / "photos" / "ants_bees" / "val" / "ants").string();
  ASSERT_EQ(run_graft({"features", "mobilenet_v2", "--weights", weights, photos, "-o", file}).code, 0);
  const Tensor features = formats::read_npy(file);
  EXPECT_EQ(features.shape()[1], 1280);
  EXPECT_GT(features.shape()[0], 50);
}

}  // namespace
}  // namespace graft::test
