// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/pooling.hpp"

#include "applications/families.hpp"
#include "applications/torch/blocks.hpp"

namespace graft::applications {
namespace torchvision_resnet {
namespace {

/// The middle convolution of a block of three layers; blocks of two layers have none.
struct Bottleneck {
  std::int64_t groups = 1;
  std::int64_t width = 64;  ///< filters of each group in the first stage; doubled in each that follows
};

/// What sets one residual network apart.
struct Variant {
  Traits traits;
  std::array<int, 4> blocks;
  std::optional<Bottleneck> bottleneck;
  std::string_view file;
};

constexpr Traits traits(std::string_view name, std::string_view keras_name, Accuracy accuracy) {
  return {
      .name = name, .keras_name = keras_name, .preprocessing = Preprocessing::torch, .accuracy = accuracy};
}

// Accuracy: torchvision's; IMAGENET1K_V2 where there is one, else V1.
constexpr Variant kResNet18{traits("resnet18", "ResNet18", {.top1 = 0.69758, .top5 = 0.89078}),
                            {2, 2, 2, 2},
                            std::nullopt,
                            "resnet18-f37072fd.pth"};
constexpr Variant kResNet34{traits("resnet34", "ResNet34", {.top1 = 0.73314, .top5 = 0.91420}),
                            {3, 4, 6, 3},
                            std::nullopt,
                            "resnet34-b627a593.pth"};
constexpr Variant kResNeXt50{traits("resnext50_32x4d", "ResNeXt50_32x4d", {.top1 = 0.81198, .top5 = 0.95340}),
                             {3, 4, 6, 3},
                             Bottleneck{.groups = 32, .width = 4},
                             "resnext50_32x4d-1a0047aa.pth"};
constexpr Variant kResNeXt101x8{
    traits("resnext101_32x8d", "ResNeXt101_32x8d", {.top1 = 0.82834, .top5 = 0.96228}),
    {3, 4, 23, 3},
    Bottleneck{.groups = 32, .width = 8},
    "resnext101_32x8d-110c445d.pth"};
constexpr Variant kResNeXt101x64{
    traits("resnext101_64x4d", "ResNeXt101_64x4d", {.top1 = 0.83246, .top5 = 0.96454}),
    {3, 4, 23, 3},
    Bottleneck{.groups = 64, .width = 4},
    "resnext101_64x4d-173b62eb.pth"};
constexpr Variant kWide50{traits("wide_resnet50_2", "WideResNet50_2", {.top1 = 0.81602, .top5 = 0.95758}),
                          {3, 4, 6, 3},
                          Bottleneck{.width = 128},
                          "wide_resnet50_2-9ba9bcbe.pth"};
constexpr Variant kWide101{traits("wide_resnet101_2", "WideResNet101_2", {.top1 = 0.82510, .top5 = 0.96020}),
                           {3, 4, 23, 3},
                           Bottleneck{.width = 128},
                           "wide_resnet101_2-d733dc28.pth"};

/// One residual block: its position, its filters before they are widened, and its stride.
struct Block {
  std::string name;
  std::int64_t planes, strides;
};

/// The i-th convolution of a block, normalised.
SymbolicTensor normalised(const SymbolicTensor& x, const TorchConvolution& options, const Block& block,
                          int i) {
  const SymbolicTensor y = torch_convolution(x, options, cat(block.name, "_conv", i));
  return torch_normalization(y, cat(block.name, "_bn", i));
}

SymbolicTensor two_layers(const SymbolicTensor& input, const Block& block) {
  TorchConvolution options{.filters = block.planes, .kernel_size = 3, .strides = block.strides, .padding = 1};
  const SymbolicTensor x = torch_relu(normalised(input, options, block, 1), block.name + "_relu");
  options.strides = 1;
  return normalised(x, options, block, 2);
}

SymbolicTensor three_layers(const SymbolicTensor& input, const Block& block, const Bottleneck& middle) {
  const std::int64_t filters = block.planes * middle.width / 64 * middle.groups;
  SymbolicTensor x = normalised(input, {.filters = filters}, block, 1);
  x = torch_relu(x, block.name + "_relu1");
  x = normalised(
      x,
      {.filters = filters, .kernel_size = 3, .strides = block.strides, .padding = 1, .groups = middle.groups},
      block, 2);
  x = torch_relu(x, block.name + "_relu2");
  return normalised(x, {.filters = 4 * block.planes}, block, 3);
}

SymbolicTensor residual(const Variant& variant, const SymbolicTensor& input, const Block& block) {
  const SymbolicTensor x =
      variant.bottleneck ? three_layers(input, block, *variant.bottleneck) : two_layers(input, block);
  SymbolicTensor shortcut = input;
  if (block.strides != 1 || input.shape[3] != x.shape[3]) {
    shortcut = torch_convolution(input, {.filters = x.shape[3], .strides = block.strides},
                                 block.name + "_downsample_0");
    shortcut = torch_normalization(shortcut, block.name + "_downsample_1");
  }
  return torch_relu(layers::Add(block.name + "_add")({x, shortcut}), block.name);
}

SymbolicTensor body(const Variant& variant, const SymbolicTensor& input) {
  SymbolicTensor x =
      torch_convolution(input, {.filters = 64, .kernel_size = 7, .strides = 2, .padding = 3}, "conv1");
  x = torch_relu(torch_normalization(x, "bn1"), "relu");
  x = torch_max_pooling(x, {.padding = 1}, "maxpool");
  std::int64_t planes = 64;
  for (std::size_t stage = 0; stage < variant.blocks.size(); ++stage, planes *= 2) {
    for (int i = 0; i < variant.blocks[stage]; ++i) {
      x = residual(variant, x,
                   {.name = cat("layer", stage + 1, "_", i),
                    .planes = planes,
                    .strides = stage > 0 && i == 0 ? 2 : 1});
    }
  }
  return x;
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Start begun = start(variant.traits, options);
  SymbolicTensor x = body(variant, begun.x);
  if (options.include_top) {
    x = torch_classifier(layers::GlobalAveragePooling2D({.name = "avgpool"})(x), options, "fc");
  } else {
    x = pooled(x, options, {.average = "avgpool"});
  }
  return finish(variant, options, begun, x);
}

constexpr std::array kMembers{
    entry<kResNet18, build, published>(),      entry<kResNet34, build, published>(),
    entry<kResNeXt50, build, published>(),     entry<kResNeXt101x8, build, published>(),
    entry<kResNeXt101x64, build, published>(), entry<kWide50, build, published>(),
    entry<kWide101, build, published>()};

}  // namespace
}  // namespace torchvision_resnet

std::span<const Application> torchvision_resnet_family() { return torchvision_resnet::kMembers; }

Model ResNet18(const ApplicationOptions& options) {
  return torchvision_resnet::build(torchvision_resnet::kResNet18, options);
}
Model ResNet34(const ApplicationOptions& options) {
  return torchvision_resnet::build(torchvision_resnet::kResNet34, options);
}
Model ResNeXt50_32x4d(const ApplicationOptions& options) {
  return torchvision_resnet::build(torchvision_resnet::kResNeXt50, options);
}
Model ResNeXt101_32x8d(const ApplicationOptions& options) {
  return torchvision_resnet::build(torchvision_resnet::kResNeXt101x8, options);
}
Model ResNeXt101_64x4d(const ApplicationOptions& options) {
  return torchvision_resnet::build(torchvision_resnet::kResNeXt101x64, options);
}
Model WideResNet50_2(const ApplicationOptions& options) {
  return torchvision_resnet::build(torchvision_resnet::kWide50, options);
}
Model WideResNet101_2(const ApplicationOptions& options) {
  return torchvision_resnet::build(torchvision_resnet::kWide101, options);
}

}  // namespace graft::applications
