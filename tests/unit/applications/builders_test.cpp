// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/preprocessing.hpp"
#include "graft/layers/reshaping.hpp"

namespace graft::applications {
namespace {

/// The kind of error that building throws; its message must name the application.
ErrorKind kind_of(const Application& application, const ApplicationOptions& options) {
  try {
    (void)application.build(options);
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(application.keras_name), std::string::npos) << error.what();
    return error.kind();
  }
  ADD_FAILURE() << application.name << " was built";
  return ErrorKind::internal;
}

WeightsRequest last_request;
void remember(Model&, const WeightsRequest& request) { last_request = request; }

TEST(Builders, ParameterCounts) {
  EXPECT_EQ(VGG16({.weights = "none"}).count_params(), 138'357'544);
  EXPECT_EQ(MobileNetV2({.weights = "none"}).count_params(), 3'538'984);
  EXPECT_EQ(EfficientNetLite0({.weights = "none"}).count_params(), 4'694'024);
  EXPECT_EQ(
      MobileNetV2({.input_shape = {160, 160, 3}, .include_top = false, .weights = "none"}).layers().size(),
      154U);
  EXPECT_EQ(MobileNetV2({.include_top = false, .weights = "none", .alpha = 1.4}).output_shape(),
            (Shape{-1, -1, -1, 1792}));
}

/// What PyTorch counts as parameters: all but the moving statistics.
std::int64_t torch_params(const Model& model) { return count_params(model.trainable_weights()); }

TEST(Builders, ParameterCountsOfTorchvision) {
  EXPECT_EQ(torch_params(AlexNet({.weights = "none"})), 61'100'840);
  EXPECT_EQ(torch_params(SqueezeNet1_0({.weights = "none"})), 1'248'424);
  EXPECT_EQ(torch_params(SqueezeNet1_1({.weights = "none"})), 1'235'496);
  EXPECT_EQ(torch_params(GoogLeNet({.weights = "none"})), 6'624'904);
  EXPECT_EQ(torch_params(ResNet18({.weights = "none"})), 11'689'512);
  EXPECT_EQ(torch_params(ResNet34({.weights = "none"})), 21'797'672);
  EXPECT_EQ(torch_params(ResNeXt50_32x4d({.weights = "none"})), 25'028'904);
  EXPECT_EQ(torch_params(ResNeXt101_64x4d({.weights = "none"})), 83'455'272);
  EXPECT_EQ(torch_params(WideResNet50_2({.weights = "none"})), 68'883'240);
}

TEST(Builders, SizesOfTorchvisionsPoolingAreRoundedUp) {
  // 227 -> 113 -> 56 -> 28 (27 where rounded down) -> 14
  const Model model = SqueezeNet1_1({.input_shape = {227, 227, 3}, .include_top = false, .weights = "none"});
  EXPECT_EQ(model.get_layer("features_5").output_shape(), (Shape{-1, 28, 28, 128}));
  EXPECT_EQ(model.output_shape(), (Shape{-1, 14, 14, 512}));
  EXPECT_EQ(GoogLeNet({.input_shape = {33, 64, 3}, .include_top = false, .weights = "none"}).output_shape(),
            (Shape{-1, 1, 2, 1024}));
  // Twice AlexNet's 6 x 6 is averaged to it; other sizes give its first Dense more or fewer inputs.
  EXPECT_EQ(AlexNet({.input_shape = {416, 416, 3}, .weights = "none"}).get_layer("avgpool").output_shape(),
            (Shape{-1, 6, 6, 256}));
  EXPECT_EQ(AlexNet({.input_shape = {160, 160, 3}, .weights = "none"}).get_layer("flatten").output_shape(),
            (Shape{-1, 4096}));
}

TEST(Builders, DefinitionsOfPyTorchKeepKerasNames) {
  const ApplicationOptions torch{.weights = "none", .definition = Definition::torch};
  EXPECT_EQ(torch_params(ResNet50(torch)), 25'557'032);
  EXPECT_EQ(torch_params(DenseNet121(torch)), 7'978'856);
  EXPECT_EQ(torch_params(MobileNetV2(torch)), 3'504'872);
  EXPECT_EQ(torch_params(InceptionV3(torch)), 23'834'568);
  const Model model = ResNet50(torch);
  const Model keras = ResNet50({.weights = "none"});
  for (const Layer& layer : keras.layers()) {
    if (layer.class_name() == "InputLayer") continue;  // has an automatic name
    EXPECT_EQ(model.get_layer(layer.name()).class_name(), layer.class_name());
  }
  EXPECT_EQ(model.get_layer("conv3_block1_2_conv").config().at("strides"), Json::parse("[2, 2]"));
  EXPECT_EQ(kind_of(find_application("NASNetMobile"), torch), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(find_application("ResNet50V2"), torch), ErrorKind::invalid_argument);
  EXPECT_EQ(find_application("ResNet50").preprocessing_for(Definition::torch), Preprocessing::torch);
  EXPECT_EQ(find_application("ResNet50").preprocessing_for(Definition::keras), Preprocessing::caffe);
  EXPECT_EQ(find_application("InceptionV3").preprocessing_for(Definition::torch), Preprocessing::tf);
}

TEST(Builders, PyTorchsHalvingPoolingHasItsPaddingAtAnySize) {
  // 64 x 75: what is pooled is even and odd in turn, and rows are what columns are not.
  const ApplicationOptions torch{
      .input_shape = {75, 96, 3}, .include_top = false, .weights = "none", .definition = Definition::torch};
  const Model model = find_application("Xception").build(torch);
  EXPECT_EQ(model.output_shape(), (Shape{-1, 3, 3, 2048}));
  EXPECT_EQ(
      count_params(model.weights()),
      count_params(find_application("Xception").build({.include_top = false, .weights = "none"}).weights()));
  EXPECT_EQ(kind_of(find_application("Xception"), {.include_top = false, .definition = Definition::torch}),
            ErrorKind::unsupported);
}

TEST(Builders, NamesOfModelsEqualKeras) {
  EXPECT_EQ(VGG16({.include_top = false, .weights = "none"}).name(), "vgg16");
  EXPECT_EQ(MobileNetV2({.input_shape = {160, 160, 3}, .include_top = false, .weights = "none"}).name(),
            "mobilenetv2_1.00_160");
  EXPECT_EQ(MobileNetV2({.include_top = false, .weights = "none", .alpha = 0.35}).name(),
            "mobilenetv2_0.35_None");
  EXPECT_EQ(EfficientNetLite0({.include_top = false, .weights = "none"}).name(), "efficientnetlite0");
  EXPECT_EQ(VGG16({.include_top = false, .weights = "none", .name = "base"}).name(), "base");
}

TEST(Builders, InputShapes) {
  EXPECT_EQ(MobileNetV2({.include_top = false, .weights = "none"}).input_shape(), (Shape{-1, -1, -1, 3}));
  EXPECT_EQ(MobileNetV2({.weights = "none"}).input_shape(), (Shape{-1, 224, 224, 3}));
  const Model odd = MobileNetV2({.input_shape = {97, 130, 3}, .include_top = false, .weights = "none"});
  EXPECT_EQ(odd.output_shape(), (Shape{-1, 4, 5, 1280}));
  // A bottom of TensorFlow's "same": an odd size is padded at both sides, an even one below only.
  const Json padding = odd.get_layer("block_1_pad").config().at("padding");
  EXPECT_EQ(padding, Json::parse("[[1, 1], [1, 1]]"));  // 49 x 65
  const Model lite =
      EfficientNetLite0({.input_shape = {224, 225, 3}, .include_top = false, .weights = "none"});
  EXPECT_EQ(lite.get_layer("stem_conv_pad").config().at("padding"), Json::parse("[[0, 1], [1, 1]]"));
  EXPECT_EQ(lite.get_layer("block3a_dwconv_pad").config().at("padding"), Json::parse("[[1, 2], [2, 2]]"));
  EXPECT_EQ(lite.output_shape(), (Shape{-1, 7, 8, 1280}));
}

TEST(Builders, PoolingAndHead) {
  EXPECT_EQ(VGG16({.include_top = false, .weights = "none", .pooling = "max"}).output_shape(),
            (Shape{-1, 512}));
  const Model lite = EfficientNetLite0({.include_top = false, .weights = "none", .pooling = "avg"});
  EXPECT_EQ(lite.layers().back().name(), "avg_pool");
  EXPECT_EQ(lite.output_shape(), (Shape{-1, 1280}));
  const Model small = MobileNetV2({.weights = "none", .classes = 7, .classifier_activation = ""});
  EXPECT_EQ(small.output_shape(), (Shape{-1, 7}));
  EXPECT_EQ(small.get_layer("predictions").config().at("activation"), "linear");
}

TEST(Builders, RefuseWhatKerasRefuses) {
  for (const Application& application : catalogue()) {
    SCOPED_TRACE(application.name);
    const auto refused = [&](const ApplicationOptions& options) {
      ApplicationOptions random = options;
      if (options.weights_loader == nullptr) random.weights = "none";
      EXPECT_EQ(kind_of(application, random), ErrorKind::invalid_argument);
    };
    refused({.input_shape = {31, 64, 3}, .include_top = false});
    refused({.input_shape = {224, 224}, .include_top = false});
    refused({.input_shape = {64, 64, -1}, .include_top = false});
    refused({.input_shape = {-2, 64, 3}, .include_top = false});
    // MobileNetV3's classifier takes any size.
    const bool any_size = application.name.starts_with("mobilenet_v3");
    if (!any_size) refused({.input_shape = {-1, 224, 3}});
    refused({.include_top = false, .pooling = "median"});
    refused({.classes = 0});
    refused({.alpha = 0});
    refused({.alpha = std::numeric_limits<double>::quiet_NaN()});
    refused({.weights = "imagenet", .classes = 10, .weights_loader = remember});
    refused({.weights = "imagenet", .classifier_activation = "sigmoid", .weights_loader = remember});
    if (!any_size) refused({.input_shape = {64, 100, 3}, .weights = "imagenet", .weights_loader = remember});
    refused({.input_shape = {64, 64, 4},
             .include_top = false,
             .weights = "imagenet",
             .weights_loader = remember});
    EXPECT_EQ(kind_of(application, {.include_top = false, .weights = "imagenet"}), ErrorKind::unsupported);
  }
  EXPECT_THROW((void)VGG16({.weights = "none", .alpha = 0.5}), Error);
  EXPECT_THROW((void)MobileNetV2({.weights = "imagenet", .alpha = 0.4, .weights_loader = remember}), Error);
}

TEST(Builders, ArgumentsThatOnlySomeHave) {
  EXPECT_THROW((void)VGG16({.weights = "none", .depth_multiplier = 2}), Error);
  EXPECT_THROW((void)MobileNetV2({.weights = "none", .dropout_rate = 0.5}), Error);
  EXPECT_THROW((void)EfficientNetB0({.weights = "none", .include_preprocessing = false}), Error);
  EXPECT_THROW((void)MobileNet({.weights = "none", .minimalistic = true}), Error);
  EXPECT_THROW((void)MobileNet({.weights = "none", .depth_multiplier = 0}), Error);
  EXPECT_THROW((void)MobileNet({.weights = "none", .alpha = 0.01}), Error);
  EXPECT_THROW((void)MobileNetV3Small({.weights = "none", .dropout_rate = 1.0}), Error);
  const auto imagenet = [](ApplicationOptions options) {
    options.weights = "imagenet";
    options.weights_loader = remember;
    return options;
  };
  EXPECT_THROW((void)MobileNet(imagenet({.alpha = 0.6})), Error);
  EXPECT_THROW((void)MobileNet(imagenet({.depth_multiplier = 2})), Error);
  EXPECT_THROW((void)MobileNetV3Large(imagenet({.alpha = 0.75, .minimalistic = true})), Error);
  EXPECT_THROW((void)NASNetMobile(imagenet({.input_shape = {-1, -1, 3}, .include_top = false})), Error);
  EXPECT_THROW((void)ConvNeXtTiny(imagenet({.name = "mine"})), Error);
}

TEST(Builders, EfficientNetScalesOnceMoreWithItsImagenetWeights) {
  const Model random = EfficientNetB0({.weights = "none"});
  const Model trained = EfficientNetB0({.weights = "imagenet", .weights_loader = remember});
  EXPECT_EQ(trained.layers().size(), random.layers().size() + 1);
  EXPECT_EQ(random.layers()[3].class_name(), "ZeroPadding2D");
  const Layer& scaling = trained.layers()[3];
  EXPECT_EQ(scaling.class_name(), "Rescaling");
  EXPECT_NEAR(scaling.config().at("scale").at(1).get<double>(), 1 / std::sqrt(0.224), 1e-12);
  EXPECT_EQ(last_request.published.md5, "902e53a9f72be733fc0bcb005b3ebbac");
}

TEST(Builders, PublishedFilesOfOptions) {
  const auto file = [](const char* application, const ApplicationOptions& options) {
    return find_application(application).published_weights(options);
  };
  EXPECT_EQ(file("mobilenet", {.input_shape = {160, 160, 3}, .alpha = 0.25}).file, "mobilenet_2_5_160_tf.h5");
  EXPECT_EQ(file("mobilenet", {.include_top = false}).file, "mobilenet_1_0_224_tf_no_top.h5");
  const PublishedWeights small = file("mobilenet_v3_small", {.minimalistic = true});
  EXPECT_EQ(small.file, "weights_mobilenet_v3_small_minimalistic_224_1.0_float.h5");
  EXPECT_EQ(small.md5, "99cd97fb2fcdad2bf028eb838de69e37");
  EXPECT_EQ(file("mobilenet_v3_large", {.include_top = false, .alpha = 0.75}).file,
            "weights_mobilenet_v3_large_224_0.75_float_no_top_v2.h5");
  EXPECT_EQ(file("nasnet_large", {.include_top = false}).file, "nasnet_large_no_top.h5");
  EXPECT_EQ(file("nasnet_mobile", {}).url,
            "https://storage.googleapis.com/tensorflow/keras-applications/nasnet/NASNet-mobile.h5");
  EXPECT_EQ(file("efficientnet_b7", {.include_top = false}).file, "efficientnetb7_notop.h5");
  EXPECT_EQ(file("efficientnet_v2_s", {}).file, "efficientnetv2-s.h5");
  EXPECT_EQ(file("convnext_xlarge", {}).sha256.substr(0, 8), "c1f5ccab");
}

TEST(Builders, ConvNeXtsLayersAreNamedAfterIt) {
  const Model model = ConvNeXtTiny({.include_top = false, .weights = "none", .name = "mine"});
  EXPECT_EQ(model.layers()[2].name(), "mine_stem");
  EXPECT_EQ(model.layers()[2].class_name(), "Sequential");
  EXPECT_EQ(model.name(), "mine");
}

TEST(Builders, WeightsAreAskedOfTheLoader) {
  (void)MobileNetV2({.input_shape = {100, 100, 3},
                     .include_top = false,
                     .weights = "imagenet",
                     .alpha = 0.35,
                     .weights_loader = remember});
  EXPECT_EQ(last_request.application, "mobilenet_v2");
  EXPECT_EQ(last_request.weights, "imagenet");
  EXPECT_FALSE(last_request.published_top);
  EXPECT_EQ(last_request.published.file,
            "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5");
  (void)MobileNetV2({.input_shape = {96, 96, 3}, .weights = "imagenet", .weights_loader = remember});
  EXPECT_EQ(last_request.published.file, "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_96.h5");
  (void)VGG16({.include_top = false, .weights = "mine.h5", .weights_loader = remember});
  EXPECT_EQ(last_request.weights, "mine.h5");
  EXPECT_EQ(last_request.published.file, "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5");
}

TEST(Builders, StandOnAnotherTensor) {
  const SymbolicTensor input = Input({64, 64, 3});
  const SymbolicTensor scaled = layers::Rescaling({.scale = {1 / 127.5}, .offset = {-1}})(input);
  const Model model = VGG16({.include_top = false, .weights = "none", .input_tensor = scaled});
  EXPECT_EQ(model.inputs().size(), 1U);
  EXPECT_EQ(model.inputs().front(), input);
  EXPECT_EQ(model.layers()[1].class_name(), "Rescaling");
  EXPECT_EQ(model.output_shape(), (Shape{-1, 2, 2, 512}));
  EXPECT_THROW(
      (void)VGG16(
          {.input_shape = {96, 96, 3}, .include_top = false, .weights = "none", .input_tensor = scaled}),
      Error);
  const SymbolicTensor flat = layers::GlobalAveragePooling2D()(input);
  EXPECT_THROW((void)MobileNetV2({.include_top = false, .weights = "none", .input_tensor = flat}), Error);
}

}  // namespace
}  // namespace graft::applications
