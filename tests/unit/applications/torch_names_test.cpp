// SPDX-License-Identifier: Apache-2.0
#include "graft/applications/torch_names.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/base/json.hpp"
#include "graft/error.hpp"

#include "support.hpp"

namespace graft::applications {
namespace {

Tensor counting(Shape shape) {
  Tensor tensor(std::move(shape));
  float next = 0;
  for (float& value : tensor.data<float>()) value = next++;
  return tensor;
}

TEST(TorchNames, EveryWeightOfEfficientNetLiteHasOne) {
  const Model model = EfficientNetLite0({.weights = "none"});
  const std::vector<TorchWeight> weights = torch_names(model);
  EXPECT_EQ(weights.size(), model.weights().size());
  std::map<std::string, TorchWeight> by_path;
  std::set<std::string> names;
  for (const TorchWeight& weight : weights) {
    by_path[weight.variable->path()] = weight;
    EXPECT_TRUE(names.insert(weight.torch_name).second) << weight.torch_name << " comes twice";
  }
  const auto expect = [&](const std::string& path, const std::string& name, TorchLayout layout) {
    EXPECT_EQ(by_path[path].torch_name, name) << path;
    EXPECT_EQ(by_path[path].layout, layout) << path;
  };
  expect("stem_conv/kernel", "_conv_stem.weight", TorchLayout::convolution);
  expect("stem_bn/moving_variance", "_bn0.running_var", TorchLayout::as_is);
  expect("block1a_dwconv/kernel", "_blocks.0._depthwise_conv.weight", TorchLayout::depthwise);
  expect("block1a_bn/gamma", "_blocks.0._bn1.weight", TorchLayout::as_is);
  expect("block2b_expand_bn/beta", "_blocks.2._bn0.bias", TorchLayout::as_is);
  expect("block7a_project_bn/moving_mean", "_blocks.15._bn2.running_mean", TorchLayout::as_is);
  expect("top_conv/kernel", "_conv_head.weight", TorchLayout::convolution);
  expect("predictions/kernel", "_fc.weight", TorchLayout::linear);
  expect("predictions/bias", "_fc.bias", TorchLayout::as_is);
}

/// A tensor of these sizes in PyTorch's order has Keras's shape.
void expect_shape(const TorchWeight& weight, const Shape& torch) {
  EXPECT_EQ(from_torch(Tensor(torch), weight).shape().count(), weight.variable->shape().count());
  EXPECT_EQ(from_torch(Tensor(torch), weight).shape(), weight.variable->shape()) << weight.torch_name;
}

/// Names and shapes of models that transformers made, for 5 classes.
TEST(TorchNames, ThoseOfTransformersBelongToEveryWeight) {
  const Json networks = test::read_json(test::goldens() / "transformers_names.json.gz");
  ASSERT_EQ(networks.size(), 6U);
  for (const auto& [network, tensors] : networks.items()) {
    SCOPED_TRACE(network);
    std::vector<std::string> names;
    std::vector<Shape> shapes;
    for (const auto& [name, shape] : tensors.items()) {
      names.push_back(name);
      shapes.emplace_back(shape.get<std::vector<std::int64_t>>());
    }
    names = torchvision_names(std::move(names));
    const Application& application = find_application(network);
    ApplicationOptions options{.classes = 5};
    options.weights = "none";
    options.definition = application.has_torch_definition ? torch_definition(names, "") : Definition::keras;
    const bool after_tensorflow = network.starts_with("mobilenet") || network.starts_with("efficientnet");
    if (application.has_torch_definition) {
      EXPECT_EQ(options.definition, after_tensorflow ? Definition::keras : Definition::torch);
    }
    const Model model = application.build(options);
    std::map<std::string, Shape> shape_of;
    for (std::size_t i = 0; i < names.size(); ++i) shape_of[names[i]] = shapes[i];
    std::size_t paired = 0;
    for (const TorchWeight& weight : torch_names(model, names)) {
      const auto found = shape_of.find(weight.torch_name);
      ASSERT_NE(found, shape_of.end()) << weight.torch_name;
      expect_shape(weight, found->second);
      ++paired;
    }
    const auto counted = [](const std::string& name) { return !is_torch_bookkeeping(name); };
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count_if(names, counted)), paired);
  }
}

TEST(TorchNames, ALastLayerWithinASequentialIsTheLastLayer) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(torchvision_names({"conv1.weight", "fc.1.weight", "fc.1.bias"}),
            (Names{"conv1.weight", "fc.weight", "fc.bias"}));
  EXPECT_EQ(torchvision_names({"model.fc.0.weight"}), Names{"model.fc.weight"});
  for (const Names& other :
       {Names{"fc.0.weight", "fc.3.weight"}, Names{"fc.weight", "fc.1.weight"},
        Names{"layer1.0.se.fc.0.weight", "layer1.1.se.fc.0.weight"}, Names{"bigfc.1.weight"}})
    EXPECT_EQ(torchvision_names(other), other);
}

TEST(TorchNames, OtherModelsAndFiles) {
  EXPECT_THROW((void)torch_names(NASNetMobile({.include_top = false, .weights = "none"})), Error);
  const Model model = EfficientNetLite0({.include_top = false, .weights = "none"});
  const std::vector<std::string> other{"features.0.weight"};
  EXPECT_EQ(torch_names(model, other).size(), model.weights().size());
  EXPECT_TRUE(is_torch_bookkeeping("_blocks.0._bn1.num_batches_tracked"));
  EXPECT_FALSE(is_torch_bookkeeping("_blocks.0._bn1.running_var"));
}

TEST(FromTorch, Convolution) {
  const Tensor torch = counting({4, 3, 2, 5});
  const Tensor ours = from_torch(torch, TorchLayout::convolution);
  ASSERT_EQ(ours.shape(), (Shape{2, 5, 3, 4}));
  for (std::size_t o = 0; o < 4; ++o) {
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t h = 0; h < 2; ++h) {
        for (std::size_t w = 0; w < 5; ++w) {
          EXPECT_EQ(ours.data<float>()[((h * 5 + w) * 3 + i) * 4 + o],
                    torch.data<float>()[((o * 3 + i) * 2 + h) * 5 + w]);
        }
      }
    }
  }
}

TEST(FromTorch, DepthwiseLinearAndVectors) {
  const Tensor depthwise = from_torch(counting({6, 1, 2, 3}), TorchLayout::depthwise);
  ASSERT_EQ(depthwise.shape(), (Shape{2, 3, 6, 1}));
  EXPECT_EQ(depthwise.data<float>()[1 * 18 + 2 * 6 + 4], 4 * 6 + 1 * 3 + 2);
  const Tensor wide = from_torch(counting({6, 1, 2, 3}), TorchLayout::depthwise, 3);
  ASSERT_EQ(wide.shape(), (Shape{2, 3, 3, 2}));  // torch's output 5 is channel 2's second
  EXPECT_EQ(wide.data<float>()[((1 * 3 + 2) * 3 + 2) * 2 + 1], 5 * 6 + 1 * 3 + 2);
  const Tensor linear = from_torch(counting({2, 3}), TorchLayout::linear);
  ASSERT_EQ(linear.shape(), (Shape{3, 2}));
  EXPECT_EQ(linear.data<float>()[2 * 2 + 1], 5);
  Tensor half(Shape{4}, DType::float64);
  half.data<double>()[3] = 0.5;
  EXPECT_EQ(from_torch(half, TorchLayout::as_is).data<float>()[3], 0.5F);
}

TEST(FromTorch, RowsAfterAFlattenAreInKerasOrder) {
  TorchWeight weight{
      .torch_name = "classifier.1.weight", .layout = TorchLayout::linear, .flattened = {2, 3, 4}};
  const Tensor torch = counting({5, 4 * 2 * 3});  // (out, C H W)
  const Tensor ours = from_torch(torch, weight);
  ASSERT_EQ(ours.shape(), (Shape{2 * 3 * 4, 5}));
  for (std::size_t c = 0; c < 4; ++c) {
    for (std::size_t place = 0; place < 6; ++place) {
      for (std::size_t o = 0; o < 5; ++o)
        EXPECT_EQ(ours.data<float>()[(place * 4 + c) * 5 + o], torch.data<float>()[o * 24 + c * 6 + place]);
    }
  }
  // timm has such a layer as a convolution over the whole image.
  EXPECT_EQ(from_torch(counting({5, 4, 2, 3}), weight).data<float>()[7], ours.data<float>()[7]);
  EXPECT_THROW((void)from_torch(counting({5, 23}), weight), Error);
  // A linear layer of PyTorch's where Keras has a 1 x 1 convolution.
  weight = {.torch_name = "classifier.3.weight", .layout = TorchLayout::convolution};
  EXPECT_EQ(from_torch(counting({5, 3}), weight).shape(), (Shape{1, 1, 3, 5}));
}

TEST(TorchNames, OfNetworksWithKerasNames) {
  const auto name_of = [](const Model& model, const std::string& path) {
    for (const TorchWeight& weight : torch_names(model)) {
      if (weight.variable->path() == path) return weight.torch_name;
    }
    return std::string("none");
  };
  const Model vgg = VGG16({.input_shape = {64, 64, 3}, .weights = "none"});
  EXPECT_EQ(name_of(vgg, "block1_conv2/bias"), "features.2.bias");
  EXPECT_EQ(name_of(vgg, "block5_conv3/kernel"), "features.28.weight");
  EXPECT_EQ(name_of(vgg, "fc1/kernel"), "classifier.0.weight");
  for (const TorchWeight& weight : torch_names(vgg)) {
    if (weight.variable->name() != "kernel") continue;
    const bool first = weight.torch_name == "classifier.0.weight";
    EXPECT_EQ(weight.flattened, first ? (Shape{2, 2, 512}) : Shape{}) << weight.torch_name;
  }
  const Model net = MobileNetV2({.input_shape = {64, 64, 3}, .include_top = false, .weights = "none"});
  EXPECT_EQ(name_of(net, "block_16_project_BN/moving_mean"), "features.17.conv.3.running_mean");
}

TEST(TorchNames, NamesAndOriginDetermineTheDefinition) {
  const std::vector<std::string> timm{"conv_stem.weight", "bn1.weight"};
  EXPECT_EQ(torch_definition(timm, "efficientnet_b0_ra-3dd342df.pth"), Definition::timm);
  EXPECT_EQ(torch_definition(timm, "tf_efficientnet_b0_ns-c0e6a31c.pth"), Definition::keras);
  EXPECT_EQ(torch_definition(timm, "model.safetensors 1a2b models--timm--tf_efficientnet_b0.aa_in1k"),
            Definition::keras);
  EXPECT_EQ(torch_definition(timm, "halftf_net.pth"), Definition::timm);
  const std::vector<std::string> torchvision{"features.0.0.weight"};
  EXPECT_EQ(torch_definition(torchvision, "tf_x.pth"), Definition::torch);
  const std::vector<std::string> lite{"_conv_stem.weight"};
  EXPECT_EQ(torch_definition(lite, "efficientnet-lite0-57934424.pth"), Definition::keras);
}

TEST(TorchNames, ExplainsWhyANetworkOfTheSameNameDiffers) {
  for (const auto& [model, reason] :
       {std::pair{ResNet50V2({.include_top = false, .weights = "none"}), "in its last"},
        std::pair{NASNetMobile({.include_top = false, .weights = "none"}), "nasnetalarge"}}) {
    try {
      static_cast<void>(torch_names(model));
      ADD_FAILURE() << model.name();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::unsupported);
      EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
    }
  }
}

TEST(TorchNames, TheFilesNamesChooseTheDefinition) {
  const std::vector<std::string> timm{"conv_stem.weight", "bn1.weight", "blocks.1.0.conv_pwl.weight"};
  std::set<std::string> names;
  for (const TorchWeight& weight : torch_names(MobileNetV2({.include_top = false, .weights = "none"}), timm))
    names.insert(weight.torch_name);
  for (const std::string& name : timm) EXPECT_TRUE(names.contains(name)) << name;
  EXPECT_TRUE(names.contains("blocks.6.0.bn3.running_var"));
}

TEST(TorchNames, PixelStatisticsAreEfficientNets) {
  EXPECT_TRUE(torch_pixel_statistics(MobileNetV2({.include_top = false, .weights = "none"})).empty());
  const std::vector<PixelStatistic> found =
      torch_pixel_statistics(EfficientNetB0({.include_top = false, .weights = "none"}));
  ASSERT_EQ(found.size(), 2);
  EXPECT_EQ(found[0].variable->name(), "mean");
  EXPECT_FLOAT_EQ(found[0].value.data()[0], 0.485F);
  EXPECT_FLOAT_EQ(found[1].value.data()[2], 0.225F * 0.225F);
  const ApplicationOptions published{
      .include_top = false, .weights = "imagenet", .weights_loader = [](Model&, const WeightsRequest&) {}};
  EXPECT_FLOAT_EQ(torch_pixel_statistics(EfficientNetB0(published)).at(1).value.data()[2], 0.225F);
}

TEST(FromTorch, RefusesOtherRanks) {
  EXPECT_THROW((void)from_torch(counting({4, 3}), TorchLayout::convolution), Error);
  EXPECT_THROW((void)from_torch(counting({4}), TorchLayout::linear), Error);
  EXPECT_THROW((void)from_torch(counting({4, 2, 3, 3}), TorchLayout::depthwise), Error);
  EXPECT_THROW((void)from_torch(counting({5, 1, 3, 3}), TorchLayout::depthwise, 2), Error);
  EXPECT_TRUE(from_torch(Tensor(Shape{0, 3, 3, 3}), TorchLayout::convolution).empty());
}

TEST(TorchNames, OfTransformersAndFastaiBecomeTorchvisions) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(torchvision_names({"resnet.embedder.embedder.convolution.weight",
                               "resnet.embedder.embedder.normalization.running_mean",
                               "resnet.encoder.stages.0.layers.0.shortcut.convolution.weight",
                               "resnet.encoder.stages.3.layers.2.layer.1.normalization.bias",
                               "classifier.1.weight"}),
            (Names{"conv1.weight", "bn1.running_mean", "layer1.0.downsample.0.weight", "layer4.2.bn2.bias",
                   "fc.weight"}));
  EXPECT_EQ(torchvision_names({"convnext.embeddings.patch_embeddings.weight",
                               "convnext.encoder.stages.1.downsampling_layer.1.bias",
                               "convnext.encoder.stages.1.layers.2.dwconv.weight",
                               "convnext.encoder.stages.1.layers.2.layer_scale_parameter",
                               "convnext.layernorm.weight", "classifier.bias"}),
            (Names{"features.0.0.weight", "features.2.1.bias", "features.3.2.block.0.weight",
                   "features.3.2.layer_scale", "classifier.0.weight", "classifier.2.bias"}));
  EXPECT_EQ(
      torchvision_names({"0.0.weight", "0.1.bias", "0.4.0.conv1.weight", "0.7.0.conv1.weight", "1.8.weight"}),
      (Names{"conv1.weight", "bn1.bias", "layer1.0.conv1.weight", "layer4.0.conv1.weight", "1.8.weight"}));
  const Names own{"conv1.weight", "layer1.0.conv1.weight", "fc.bias"};
  EXPECT_EQ(torchvision_names(own), own);
}

}  // namespace
}  // namespace graft::applications
