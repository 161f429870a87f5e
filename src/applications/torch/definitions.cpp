// SPDX-License-Identifier: Apache-2.0
#include "applications/torch/definitions.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "graft/base/fail.hpp"

#include "applications/torch/keras_names.hpp"
#include "applications/torch/timm_names.hpp"
#include "applications/torch/transformers_names.hpp"

namespace graft::applications {
namespace {

using NamePair = std::pair<std::string_view, std::string_view>;

constexpr std::array<NamePair, 5> kLiteOutside{{{"stem_conv", "_conv_stem"},
                                                {"stem_bn", "_bn0"},
                                                {"top_conv", "_conv_head"},
                                                {"top_bn", "_bn1"},
                                                {"predictions", "_fc"}}};
// Its blocks call their activations and normalisations by place, whether the first is there or not.
constexpr std::array<NamePair, 6> kLiteInside{{{"expand_conv", "_expand_conv"},
                                               {"expand_bn", "_bn0"},
                                               {"dwconv", "_depthwise_conv"},
                                               {"bn", "_bn1"},
                                               {"project_conv", "_project_conv"},
                                               {"project_bn", "_bn2"}}};

template <std::size_t kCount>
std::string_view look_up(const std::array<NamePair, kCount>& table, std::string_view ours) {
  for (const auto& [keras, torch] : table) {
    if (keras == ours) return torch;
  }
  return {};
}

/// Splits "block2a_dwconv" in "block2a" and "dwconv"; both empty for other names.
NamePair split_block(std::string_view name) {
  const std::size_t bar = name.find('_');
  if (!name.starts_with("block") || bar == std::string_view::npos) return {};
  return {name.substr(0, bar), name.substr(bar + 1)};
}

// Layers that no other network has: the first or second convolutions of those named after torchvision's
// modules.
constexpr std::array<std::string_view, 4> kTorchvisionStems{"features_0", "layer1_0_conv1",
                                                            "inception3a_branch1_conv", "stage2_0_branch1_0"};

constexpr std::array kDefinitions{
    TorchDefinition{.name = "efficientnet_lite_pytorch", .modules = efficientnet_lite_pytorch_modules},
    TorchDefinition{.name = "torchvision", .modules = torchvision_modules},
    TorchDefinition{.name = "torchvision's VGG", .modules = torchvision_vgg_modules},
    TorchDefinition{.name = "torchvision's ResNet", .modules = torchvision_resnet_modules},
    TorchDefinition{.name = "torchvision's DenseNet", .modules = torchvision_densenet_modules},
    TorchDefinition{.name = "torchvision's InceptionV3", .modules = torchvision_inception_v3_modules},
    TorchDefinition{.name = "torchvision's MobileNetV2", .modules = torchvision_mobilenet_v2_modules},
    TorchDefinition{.name = "torchvision's MobileNetV3", .modules = torchvision_mobilenet_v3_modules},
    TorchDefinition{.name = "torchvision's EfficientNet", .modules = torchvision_efficientnet_modules},
    TorchDefinition{.name = "torchvision's EfficientNetV2", .modules = torchvision_efficientnet_v2_modules},
    TorchDefinition{.name = "torchvision's ConvNeXt", .modules = torchvision_convnext_modules},
    TorchDefinition{.name = "the authors' ConvNeXt", .modules = authors_convnext_modules},
    TorchDefinition{.name = "timm's ConvNeXt", .modules = timm_convnext_modules},
    TorchDefinition{.name = "timm's EfficientNet, V2 and Lite", .modules = timm_efficientnet_modules},
    TorchDefinition{.name = "timm's MobileNet", .modules = timm_mobilenet_modules},
    TorchDefinition{.name = "timm's MobileNetV2", .modules = timm_mobilenet_v2_modules},
    TorchDefinition{.name = "timm's MobileNetV3", .modules = timm_mobilenet_v3_modules},
    TorchDefinition{.name = "timm's VGG", .modules = timm_vgg_modules},
    TorchDefinition{.name = "timm's Xception", .modules = timm_xception_modules},
    TorchDefinition{.name = "timm's InceptionResNetV2", .modules = timm_inception_resnet_v2_modules},
    TorchDefinition{.name = "transformers' MobileNet", .modules = transformers_mobilenet_modules},
    TorchDefinition{.name = "transformers' MobileNetV2", .modules = transformers_mobilenet_v2_modules},
    TorchDefinition{.name = "transformers' EfficientNet", .modules = transformers_efficientnet_modules},
};

}  // namespace

std::span<const TorchDefinition> torch_definitions() { return kDefinitions; }

TorchModules torchvision_modules(const Model& model) {
  TorchModules modules;
  bool known = false;
  for (const Layer& layer : model.layers()) {
    known = known || std::ranges::find(kTorchvisionStems, layer.name()) != kTorchvisionStems.end();
    if (layer.weights().empty()) continue;
    std::string module = layer.name();
    std::ranges::replace(module, '_', '.');
    modules[layer.name()] = module;
  }
  return known ? modules : TorchModules{};
}

TorchModules efficientnet_lite_pytorch_modules(const Model& model) {
  TorchModules modules;
  std::string block;
  int number = -1;  // its blocks count through, over the stages
  for (const Layer& layer : model.layers()) {
    const auto [name, inner] = split_block(layer.name());
    if (name.empty()) {
      const std::string_view module = look_up(kLiteOutside, layer.name());
      if (!module.empty()) modules[layer.name()] = module;
      continue;
    }
    if (name != block) {
      block = name;
      ++number;
    }
    const std::string_view module = look_up(kLiteInside, inner);
    if (!module.empty()) modules[layer.name()] = cat("_blocks.", number, ".", module);
  }
  // "predictions" does not identify the family.
  return modules.contains("stem_conv") ? modules : TorchModules{};
}

}  // namespace graft::applications
