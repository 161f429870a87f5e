// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/error.hpp"

namespace graft::applications {
namespace {

TEST(Catalogue, FindsEveryWayOfWritingAName) {
  for (const char* name : {"MobileNetV2", "mobilenet_v2", "mobilenetv2", "MOBILENET-V2"})
    EXPECT_EQ(find_application(name).name, "mobilenet_v2") << name;
  EXPECT_EQ(find_application("EfficientNetLite0").keras_name, "EfficientNetLite0");
  EXPECT_EQ(find_application("efficientnet_lite0").preprocessing, Preprocessing::lite);
}

TEST(Catalogue, UnknownNamesAreAnsweredWithSimilarOnes) {
  EXPECT_EQ(look_up_application(""), nullptr);
  const auto message = [](const char* name) -> std::string {
    try {
      static_cast<void>(find_application(name));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::not_found);
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message("vgg17"), "there is no network named 'vgg17'; similar are vgg11, vgg13, vgg16, vgg19");
  EXPECT_EQ(message("zzz"), "there is no network named 'zzz'; graft models lists the networks");
  EXPECT_EQ(network_names().size(), catalogue().size());
}

TEST(Catalogue, EveryEntryIsComplete) {
  EXPECT_TRUE(std::ranges::is_sorted(catalogue(), {}, &Application::name));
  for (const Application& application : catalogue()) {
    SCOPED_TRACE(application.name);
    const Model model = application.build({.weights = "none"});
    // MobileNetV3's input is open in Keras, also with the top.
    const bool open = application.name.starts_with("mobilenet_v3");
    const std::int64_t size = open ? -1 : application.default_size;
    EXPECT_EQ(model.input_shape(), (Shape{-1, size, size, 3}));
    EXPECT_EQ(preprocessing_of(application.keras_name), application.preprocessing);
    const PublishedWeights weights = application.published_weights({});
    EXPECT_FALSE(weights.file.empty());
    EXPECT_NE(weights.url.empty(), weights.python_package.empty());
    // Keras keeps NASNet's files under other names than it publishes them.
    const bool renamed = application.name.starts_with("nasnet");
    EXPECT_TRUE(weights.url.empty() || renamed || weights.url.ends_with("/" + weights.file));
  }
}

}  // namespace
}  // namespace graft::applications
