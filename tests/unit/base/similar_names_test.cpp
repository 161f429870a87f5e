// SPDX-License-Identifier: Apache-2.0
#include "graft/base/similar_names.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace graft {
namespace {

const std::vector<std::string> kNetworks{"vgg16",      "vgg19",        "resnet50",
                                         "resnet50v2", "mobilenet_v2", "xception"};

TEST(SimilarNames, AreNearOrContained) {
  EXPECT_EQ(similar_text("vgg17", kNetworks, ""), "; similar are vgg16, vgg19");
  EXPECT_EQ(similar_text("ResNet50", kNetworks, ""), "; similar are resnet50, resnet50v2");
  EXPECT_EQ(similar_text("mobilnet_v2", kNetworks, ""), "; similar are mobilenet_v2");
}

TEST(SimilarNames, NothingIsOfferedForAnotherWord) {
  EXPECT_EQ(similar_text("run", kNetworks, "; see the list"), "; see the list");
  EXPECT_EQ(similar_text("", kNetworks, "."), ".");
  EXPECT_EQ(similar_text("ab", {"xy"}, "."), ".");
  EXPECT_TRUE(similar_names("a", {}).empty());
}

TEST(SimilarNames, AreAtMostFiveAndLongNamesAreCut) {
  EXPECT_EQ(similar_names("a", std::vector<std::string>(9, "ab")).size(), 5U);
  EXPECT_TRUE(similar_names(std::string(1U << 20U, 'x'), kNetworks).empty());
}

}  // namespace
}  // namespace graft
