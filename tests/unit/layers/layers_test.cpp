// SPDX-License-Identifier: Apache-2.0
// Every layer of the registry: names, config there and back, shapes, errors.
#include "graft/layers/layers.hpp"

#include <set>

#include <gtest/gtest.h>

#include "graft/base/error.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/registry.hpp"

namespace graft::layers {
namespace {

/// One of each, with options that are not the defaults.
std::vector<Layer> one_of_each() {
  return {
      InputLayer({.shape = {8, 8, 4}}),
      Conv2D({.filters = 6,
              .kernel_size = {3, 1},
              .strides = 2,
              .padding = Padding::same,
              .groups = 2,
              .activation = "relu6",
              .use_bias = false}),
      DepthwiseConv2D({.kernel_size = 3, .depth_multiplier = 2, .dilation_rate = 2, .activation = "swish"}),
      BatchNormalization({.momentum = 0.9, .epsilon = 1e-5, .center = false}),
      ReLU({.max_value = 6.0, .negative_slope = 0.1}),
      Activation("softmax"),
      Softmax(),
      ZeroPadding2D({.top = 0, .bottom = 1, .left = 2, .right = 3}),
      MaxPooling2D({.pool_size = 3, .strides = 2, .padding = Padding::same}),
      AveragePooling2D({.pool_size = {2, 4}}),
      GlobalAveragePooling2D({.keepdims = true}),
      GlobalMaxPooling2D(),
      Flatten(),
      Reshape({.target_shape = {16, -1}}),
      Dense({.units = 5, .activation = "tanh", .use_bias = false}),
      Dropout({.rate = 0.3, .noise_shape = {-1, 1, 8, 1}, .seed = 7}),
      Add(),
      Concatenate({.axis = 1}),
      Rescaling({.scale = {1 / 127.5}, .offset = {-1}}),
      Normalization({.mean = {1, 2, 3, 4}, .variance = {1, 4, 9, 16}}),
      Resizing({.height = 5, .width = 6, .interpolation = "nearest"}),
      RandomFlip({.mode = Flip::horizontal, .seed = 3}),
      RandomRotation({.factor = 0.2}),
      RandomZoom({.height_factor = 0.1}),
      RandomTranslation({.height_factor = 0.1, .width_factor = 0.2}),
      RandomContrast({.factor = 0.4}),
      RandomBrightness({.factor = 0.4}),
      Multiply(),
      Subtract(),
      Average(),
      Maximum(),
      Minimum(),
      CustomScaleLayer(0.17),
      SeparableConv2D({.filters = 6,
                       .kernel_size = {3, 5},
                       .strides = 2,
                       .padding = Padding::same,
                       .depth_multiplier = 2,
                       .activation = "gelu",
                       .use_bias = false}),
      Cropping2D({.top = 0, .bottom = 1, .left = 2, .right = 3}),
      Permute({.dims = {3, 1, 2}}),
      LayerNormalization({.axis = {-2, -1}, .epsilon = 1e-6, .center = false}),
      LayerScale({.init_values = 0.5, .projection_dim = 4}),
      StochasticDepth({.drop_path_rate = 0.2}),
      SpatialDropout2D({.rate = 0.2, .seed = 4}),
      Conv2DTranspose({.filters = 5,
                       .kernel_size = {3, 2},
                       .strides = 2,
                       .padding = Padding::same,
                       .output_padding = Size2D{1, 1},
                       .activation = "elu"}),
      UpSampling2D({.size = {2, 3}, .interpolation = "bilinear"}),
      LeakyReLU({.negative_slope = 0.1}),
      ELU({.alpha = 0.5}),
      PReLU({.alpha_initializer = "ones", .shared_axes = {1, 2}}),
      GroupNormalization({.groups = 2, .epsilon = 1e-5, .scale = false}),
      RMSNormalization({.epsilon = 1e-5}),
      UnitNormalization({.axis = {1, 2}}),
      GaussianNoise({.stddev = 0.25, .seed = 9}),
      CenterCrop({.height = 3, .width = 5}),
      RandomCrop({.height = 3, .width = 5, .seed = 2})};
}

TEST(Layers, ConfigComesBackForEveryLayerOfTheRegistry) {
  std::set<std::string> seen;
  for (const Layer& layer : one_of_each()) {
    SCOPED_TRACE(layer.class_name());
    const Layer copy = from_config(layer.class_name(), layer.config());
    EXPECT_EQ(copy.config(), layer.config());
    EXPECT_EQ(copy.name(), layer.name());
    EXPECT_EQ(copy.class_name(), layer.class_name());
    seen.insert(layer.class_name());
  }
  for (const LayerClass& entry : registry())
    EXPECT_TRUE(seen.contains(std::string(entry.class_name))) << "no test of " << entry.class_name;
  EXPECT_THROW((void)from_config("Conv9D", Json::object()), Error);
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
    ADD_FAILURE() << "Lambda was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    EXPECT_NE(std::string(error.what()).find("'scale'"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("no code"), std::string::npos) << error.what();
  }
}

TEST(Layers, ChangesOfBatchesAreRefusedWithWhereTheyAre) {
  for (const char* name : {"MixUp", "CutMix", "RandomErasing", "RandAugment"}) {
    try {
      (void)from_config(name, {{"name", "augment"}});
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

Shape shape_after(const Layer& layer, const Shape& input = {8, 8, 4}) {
  return layer(Input(input)).shape.without_batch();
}

TEST(Layers, OutputShapesAreKeras) {
  const std::vector<Layer> all = one_of_each();
  const std::vector<Shape> expected{{4, 4, 6}, {4, 4, 8},  {8, 8, 4}, {8, 8, 4}, {8, 8, 4},
                                    {8, 8, 4}, {9, 13, 4}, {4, 4, 4}, {4, 2, 4}, {1, 1, 4},
                                    {4},       {256},      {16, 16},  {8, 8, 5}, {8, 8, 4}};
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(shape_after(all[i + 1]), expected[i]) << all[i + 1].class_name();
  const SymbolicTensor x = Input({8, 8, 4});
  EXPECT_EQ(Add()(std::vector{x, x}).shape, (Shape{-1, 8, 8, 4}));
  EXPECT_EQ(Concatenate()(std::vector{x, x}).shape, (Shape{-1, 8, 8, 8}));
  EXPECT_EQ(Resizing({.height = 5, .width = 6})(x).shape, (Shape{-1, 5, 6, 4}));
  EXPECT_EQ(shape_after(Conv2D({.filters = 2, .kernel_size = 3}), {-1, -1, 3}), (Shape{-1, -1, 2}));
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
      ADD_FAILURE() << layer.class_name() << " took an input of rank 2";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::shape_mismatch) << error.what();
      EXPECT_NE(std::string(error.what()).find("layer"), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW((void)Add()(std::vector{Input({4}), Input({5})}), Error);
  EXPECT_THROW((void)Concatenate()(std::vector{Input({4, 4}), Input({5, 5})}), Error);
  EXPECT_THROW((void)Reshape({.target_shape = {7}})(Input({8})), Error);
  EXPECT_THROW((void)Conv2D({.filters = 0, .kernel_size = 3}), Error);
  EXPECT_THROW((void)Dense({.units = 0}), Error);
  EXPECT_THROW((void)Conv2D({.filters = 1, .kernel_size = 9})(Input({8, 8, 1})), Error);
  EXPECT_THROW((void)Multiply()(std::vector{Input({4, 3}), Input({5, 3})}), Error);
  EXPECT_THROW((void)Subtract()(std::vector{Input({4}), Input({4}), Input({4})}), Error);
  EXPECT_THROW((void)Cropping2D({.top = -1}), Error);
  EXPECT_THROW((void)Cropping2D({.top = 4, .bottom = 4})(Input({8, 8, 1})), Error);
  EXPECT_THROW((void)Permute({.dims = {1, 1}}), Error);
  EXPECT_THROW((void)Permute({.dims = {2, 1}})(Input({8, 8, 1})), Error);
  EXPECT_THROW((void)SeparableConv2D({.filters = 0, .kernel_size = 3}), Error);
  EXPECT_THROW((void)SeparableConv2D({.filters = 1, .kernel_size = 3, .depth_multiplier = 0}), Error);
  EXPECT_THROW((void)LayerNormalization({.axis = {1}})(Input({8, 8, 1})), Error);
  EXPECT_THROW((void)LayerNormalization({.axis = {9}})(Input({8, 8, 1})), Error);
  EXPECT_THROW((void)LayerScale({.projection_dim = 0}), Error);
  EXPECT_THROW((void)StochasticDepth({.drop_path_rate = 1.5}), Error);
  EXPECT_THROW((void)SpatialDropout2D({.rate = -0.1}), Error);
  EXPECT_THROW((void)Dropout({.noise_shape = {-1, 0}}), Error);
  EXPECT_THROW((void)Dropout({.noise_shape = {-1, 3}})(Input({4})), Error);
  EXPECT_THROW((void)Conv2DTranspose({.filters = 1, .kernel_size = 3, .output_padding = Size2D{1, 1}}),
               Error);
  EXPECT_THROW((void)Conv2DTranspose({.filters = 1, .kernel_size = 3, .strides = 2, .dilation_rate = 2}),
               Error);
  EXPECT_THROW((void)UpSampling2D({.size = 0}), Error);
  EXPECT_THROW((void)UpSampling2D({.interpolation = "lanczos3"}), Error);
  EXPECT_THROW((void)LeakyReLU({.negative_slope = -1}), Error);
  EXPECT_THROW((void)PReLU({.shared_axes = {4}})(Input({8, 8, 1})), Error);
  EXPECT_THROW((void)PReLU()(Input({-1, 8, 1})), Error);
  EXPECT_THROW((void)GroupNormalization({.groups = 0}), Error);
  EXPECT_THROW((void)GroupNormalization({.groups = 3})(Input({8, 8, 4})), Error);
  EXPECT_THROW((void)GaussianNoise({.stddev = 2}), Error);
  EXPECT_THROW((void)CenterCrop({.height = 0, .width = 1}), Error);
  const Layer dense = Dense({.units = 2});
  (void)dense(Input({3}));
  EXPECT_THROW((void)dense(Input({4})), Error);
}

}  // namespace
}  // namespace graft::layers
