// SPDX-License-Identifier: Apache-2.0
// What holds for all layers: the registry, automatic names, errors. Each layer has its own file in a group's
// folder.
#include "graft/layers.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/registry.hpp"

namespace graft::layers {
namespace {

TEST(Layers, EveryClassOfTheRegistryHasItsTestFile) {
  std::set<std::string> tested;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) tested.insert(all.GetTestSuite(i)->name());
  for (const LayerClass& one : registry())
    EXPECT_TRUE(tested.contains(std::string(one.class_name))) << "no test of " << one.class_name;
  EXPECT_EQ(registry().size(), 76U);
  EXPECT_THROW((void)from_config("Conv9D", Json::object()), Error);
}

TEST(Layers, EveryClassHasAReferenceOfItsOptions) {
  for (const LayerClass& one : registry())
    EXPECT_TRUE(one.reference().starts_with("| option | type | default |")) << one.class_name;
  const auto dense = std::ranges::find(registry(), "Dense", &LayerClass::class_name);
  EXPECT_NE(dense->reference().find("| `use_bias` | true or false | `true` |"), std::string::npos);
}

TEST(Layers, AutomaticNamesAreKeras) {
  clear_session();
  const Conv2DOptions options{.filters = 1, .kernel_size = 1};
  EXPECT_EQ(Conv2D(options).name(), "conv2d");
  EXPECT_EQ(Conv2D(options).name(), "conv2d_1");
  EXPECT_EQ(DepthwiseConv2D({.kernel_size = 1}).name(), "depthwise_conv2d");
  EXPECT_EQ(ReLU().name(), "re_lu");
  EXPECT_EQ(MaxPooling2D().name(), "max_pooling2d");
  EXPECT_EQ(GlobalAveragePooling2D().name(), "global_average_pooling2d");
  EXPECT_EQ(ZeroPadding2D().name(), "zero_padding2d");
  EXPECT_EQ(BatchNormalization().name(), "batch_normalization");
  EXPECT_EQ(Add().name(), "add");
  clear_session();
  EXPECT_EQ(Conv2D(options).name(), "conv2d");
  EXPECT_THROW((void)Add("a/b"), Error);
}

TEST(Layers, LambdaIsRefusedWithItsReason) {
  try {
    (void)from_config("Lambda", {{"name", "scale"}});
    ADD_FAILURE() << "Lambda was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    EXPECT_NE(std::string(error.what()).find("'scale'"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("no code"), std::string::npos) << error.what();
  }
}

TEST(Layers, ChangesOfBatchesAreRefusedInTrainingWithWhereTheyAre) {
  for (const char* name : {"MixUp", "CutMix", "RandomErasing", "RandAugment"}) {
    try {
      ops::Graph graph;
      const ops::ValueId input = graph.add_input({1, 8, 8, 3});
      LowerContext training{.graph = graph, .training = true};
      (void)from_config(name, {{"name", "augment"}}).base()->lower(training, {input});
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("FitOptions::augment"), std::string::npos) << error.what();
    }
  }
}

TEST(Layers, DenseActsOnTheLastAxisOfAnyRank) {
  const auto parameters = [](const Shape& shape) {
    const SymbolicTensor image = Input(shape);
    const Layer conv = Conv2D({.filters = 3, .kernel_size = 3});
    const Layer hidden = Dense({.units = 512});
    const Layer last = Dense({.units = 10});
    EXPECT_EQ(last(hidden(conv(image))).shape, (Shape{-1, 62, 62, 10}));
    return conv.count_params() + hidden.count_params() + last.count_params();
  };
  EXPECT_EQ(parameters({64, 64, 1}), 7208);
  EXPECT_EQ(parameters({64, 64, 3}), 7262);
}

TEST(Layers, WrongInputsAreErrorsThatNameTheLayer) {
  const std::vector<Layer> images{Conv2D({.filters = 1, .kernel_size = 3, .name = "layer"}),
                                  DepthwiseConv2D({.kernel_size = 3, .name = "layer"}),
                                  MaxPooling2D({.name = "layer"}),
                                  AveragePooling2D({.name = "layer"}),
                                  ZeroPadding2D(1, "layer"),
                                  GlobalAveragePooling2D({.name = "layer"}),
                                  GlobalMaxPooling2D({.name = "layer"})};
  for (const Layer& layer : images) {
    try {
      (void)layer(Input({8}));
      ADD_FAILURE() << layer.class_name() << " accepted an input of rank 2";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::shape_mismatch) << error.what();
      EXPECT_NE(std::string(error.what()).find("layer"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace graft::layers
