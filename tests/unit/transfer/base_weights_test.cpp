// SPDX-License-Identifier: Apache-2.0
// The size of a run is decided before weights are looked for: MobileNetV2 has another file for each of
// several sizes. Here are only those of alpha 0.35 for 96 pixels.
#include "transfer/base/base_weights.hpp"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "graft/train.hpp"

#include "support.hpp"
#include "transfer/base/base_model.hpp"
#include "transfer/context/reporter.hpp"

namespace graft::transfer {
namespace {

namespace fs = std::filesystem;

const char* const kFileFor128 = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_128_no_top.h5";

class BaseWeights : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("GRAFT_WEIGHTS", (test::goldens() / "files").c_str(), 1);
    ::setenv("GRAFT_HOME", (folder_.path() / "store").c_str(), 1);
    ::setenv("GRAFT_OFFLINE", "1", 1);
  }
  void TearDown() override {
    for (const char* variable : {"GRAFT_WEIGHTS", "GRAFT_HOME", "GRAFT_OFFLINE"}) ::unsetenv(variable);
  }

  /// Grey photos of this size.
  [[nodiscard]] data::PhotoList photos_of(int side) const {
    data::PhotoList list;
    for (int i = 0; i < 3; ++i) {
      list.paths.push_back(folder_.path() / (std::to_string(side) + "_" + std::to_string(i) + ".ppm"));
      std::ofstream file(list.paths.back(), std::ios::binary);
      file << "P6 " << side << ' ' << side << " 255\n"
           << std::string(static_cast<std::size_t>(3 * side * side), '\x70');
    }
    return list;
  }
  static Size2D size_for(const data::PhotoList& photos, const TrainOptions& options) {
    Reporter reporter(options);
    return size_with_weights(photos, options, reporter);
  }
  static TrainOptions narrow(std::optional<Size2D> image_size) {
    TrainOptions options;
    options.alpha = 0.35;
    options.image_size = image_size;
    return options;
  }

  test::TemporaryFolder folder_;
};

TEST_F(BaseWeights, OnlyTheFileOfTheSizeIsNeeded) {
  const TrainOptions options = narrow(Size2D(96));
  const Size2D size = size_for(photos_of(60), options);
  EXPECT_EQ(size.height, 96);
  EXPECT_NE(make_base(options, size).weights_file.find("0.35_96"), std::string::npos);
}

TEST_F(BaseWeights, TinyPhotosNeedTheFileOfTheirSize) {
  EXPECT_EQ(size_for(photos_of(20), narrow({})).height, 96);
  const std::string message =
      test::message_of([&] { (void)size_for(photos_of(32), narrow({})); }, ErrorKind::not_found);
  EXPECT_NE(message.find(kFileFor128), std::string::npos) << message;
  EXPECT_NE(message.find("128 x 128"), std::string::npos) << message;
}

TEST_F(BaseWeights, TheTutorialNeedsTheFileFor160) {
  TrainOptions options = narrow({});
  options.recipe = TutorialRecipe{};
  const std::string message =
      test::message_of([&] { (void)size_for(photos_of(60), options); }, ErrorKind::not_found);
  EXPECT_NE(message.find("kernels_0.35_160_no_top.h5"), std::string::npos) << message;
  options.image_size = Size2D(96);
  EXPECT_EQ(size_for(photos_of(60), options).height, 96);
}

TEST_F(BaseWeights, TheFileOfTheSizeIsDownloaded) {
  TrainOptions options = narrow(Size2D(128));
  options.download = true;  // refused by GRAFT_OFFLINE
  const std::string message =
      test::message_of([&] { (void)size_for(photos_of(60), options); }, ErrorKind::not_found);
  EXPECT_TRUE(message.starts_with(kFileFor128)) << message;
  options.image_size = Size2D(96);  // is here
  EXPECT_EQ(size_for(photos_of(60), options).height, 96);
}

TEST_F(BaseWeights, RandomAndNamedWeightsNeedNoSize) {
  TrainOptions options = narrow({});
  options.weights = "none";
  EXPECT_EQ(size_for(photos_of(60), options).height, 224);
  options.weights = "keras/mobilenet_v2_0.35_96-notop";
  EXPECT_EQ(size_for(photos_of(60), options).height, 224);
  options.weights = "keras/no_such_weights";
  static_cast<void>(test::message_of([&] { (void)size_for(photos_of(60), options); }, ErrorKind::not_found));
}

TEST_F(BaseWeights, NetworksAreKnownBeforePhotosAreListed) {
  TrainOptions options;
  options.model = "mobilenet_v2+mobilenet_v9";
  static_cast<void>(test::message_of([&] { check_networks(options); }, ErrorKind::not_found));
  options.model = "mobilenet_v2+mobilenet";
  check_networks(options);
}

}  // namespace
}  // namespace graft::transfer
