// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/convolutional.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/normalization.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/reshaping.hpp"

#include "applications/building.hpp"
#include "applications/families.hpp"

namespace graft::applications {
namespace resnet {
namespace {

using layers::Conv2D;

/// What sets one ResNet apart: blocks of its four stages, where it normalises.
struct Variant {
  Traits traits;
  std::array<int, 4> blocks{};
  bool preact = false;  ///< normalisation and ReLU before the convolutions: the V2 networks
};

constexpr Traits v1(std::string_view name, std::string_view keras_name, Accuracy accuracy) {
  return {.name = name,
          .keras_name = keras_name,
          .has_torch_definition = true,
          .preprocessing = Preprocessing::caffe,
          .accuracy = accuracy};
}
constexpr Traits v2(std::string_view name, std::string_view keras_name, Accuracy accuracy) {
  return {.name = name, .keras_name = keras_name, .preprocessing = Preprocessing::tf, .accuracy = accuracy};
}

// Accuracy: https://keras.io/api/applications/
constexpr Variant kResNet50{.traits = v1("resnet50", "ResNet50", {.top1 = 0.749, .top5 = 0.921}),
                            .blocks = {3, 4, 6, 3}};
constexpr Variant kResNet101{.traits = v1("resnet101", "ResNet101", {.top1 = 0.764, .top5 = 0.928}),
                             .blocks = {3, 4, 23, 3}};
constexpr Variant kResNet152{.traits = v1("resnet152", "ResNet152", {.top1 = 0.766, .top5 = 0.931}),
                             .blocks = {3, 8, 36, 3}};
constexpr Variant kResNet50V2{.traits = v2("resnet50v2", "ResNet50V2", {.top1 = 0.760, .top5 = 0.930}),
                              .blocks = {3, 4, 6, 3},
                              .preact = true};
constexpr Variant kResNet101V2{.traits = v2("resnet101v2", "ResNet101V2", {.top1 = 0.772, .top5 = 0.938}),
                               .blocks = {3, 4, 23, 3},
                               .preact = true};
constexpr Variant kResNet152V2{.traits = v2("resnet152v2", "ResNet152V2", {.top1 = 0.780, .top5 = 0.942}),
                               .blocks = {3, 8, 36, 3},
                               .preact = true};

SymbolicTensor normalised(const SymbolicTensor& x, const std::string& name,
                          Definition definition = Definition::keras) {
  const double epsilon = definition == Definition::keras ? 1.001e-5 : 1e-5;
  return layers::BatchNormalization({.epsilon = epsilon, .name = name})(x);
}

/// BatchNormalization "PREFIX_bn" and ReLU "PREFIX_relu".
SymbolicTensor normalised_relu(const SymbolicTensor& x, const std::string& prefix,
                               Definition definition = Definition::keras) {
  return layers::Activation("relu", prefix + "_relu")(normalised(x, prefix + "_bn", definition));
}

/// One bottleneck: narrow, filter, widen; the first of a stage has a convolution beside it.
struct Block {
  std::int64_t filters = 64;
  std::int64_t stride = 1;
  bool conv_shortcut = false;
  std::string name;
  Definition definition = Definition::keras;  ///< of V1
};

/// Keras halves in the first convolution, PyTorch in the second.
SymbolicTensor block_v1(const SymbolicTensor& input, const Block& block) {
  const bool torch = block.definition != Definition::keras;
  const auto conv = [&](const SymbolicTensor& x, std::int64_t filters, std::int64_t stride,
                        const char* part) {
    return Conv2D({.filters = filters,
                   .kernel_size = 1,
                   .strides = stride,
                   .use_bias = !torch,
                   .name = block.name + part + "_conv"})(x);
  };
  SymbolicTensor shortcut = input;
  if (block.conv_shortcut) {
    shortcut = conv(input, 4 * block.filters, block.stride, "_0");
    shortcut = normalised(shortcut, block.name + "_0_bn", block.definition);
  }
  SymbolicTensor x = conv(input, block.filters, torch ? 1 : block.stride, "_1");
  x = normalised_relu(x, block.name + "_1", block.definition);
  const bool halves = torch && block.stride > 1;
  if (halves) x = layers::ZeroPadding2D(1, block.name + "_2_pad")(x);
  x = Conv2D({.filters = block.filters,
              .kernel_size = 3,
              .strides = halves ? block.stride : 1,
              .padding = halves ? Padding::valid : Padding::same,
              .use_bias = !torch,
              .name = block.name + "_2_conv"})(x);
  x = normalised_relu(x, block.name + "_2", block.definition);
  x = normalised(conv(x, 4 * block.filters, 1, "_3"), block.name + "_3_bn", block.definition);
  x = layers::Add(block.name + "_add")({shortcut, x});
  return layers::Activation("relu", block.name + "_out")(x);
}

SymbolicTensor block_v2(const SymbolicTensor& input, const Block& block) {
  const SymbolicTensor preact = normalised_relu(input, block.name + "_preact");
  SymbolicTensor shortcut = input;
  if (block.conv_shortcut) {
    shortcut = Conv2D({.filters = 4 * block.filters,
                       .kernel_size = 1,
                       .strides = block.stride,
                       .name = block.name + "_0_conv"})(preact);
  } else if (block.stride > 1) {
    shortcut = layers::MaxPooling2D({.pool_size = 1, .strides = block.stride})(input);
  }
  SymbolicTensor x =
      Conv2D({.filters = block.filters, .kernel_size = 1, .use_bias = false, .name = block.name + "_1_conv"})(
          preact);
  x = normalised_relu(x, block.name + "_1");
  x = layers::ZeroPadding2D(1, block.name + "_2_pad")(x);
  x = Conv2D({.filters = block.filters,
              .kernel_size = 3,
              .strides = block.stride,
              .use_bias = false,
              .name = block.name + "_2_conv"})(x);
  x = normalised_relu(x, block.name + "_2");
  x = Conv2D({.filters = 4 * block.filters, .kernel_size = 1, .name = block.name + "_3_conv"})(x);
  return layers::Add(block.name + "_out")({shortcut, x});
}

/// V1 halves in the first block of every stage but the first, V2 in the last block of every stage but the
/// last.
SymbolicTensor stage(SymbolicTensor x, const Variant& variant, std::size_t index, Definition definition) {
  const int count = variant.blocks[index];
  for (int i = 1; i <= count; ++i) {
    const bool halves =
        variant.preact ? i == count && index + 1 != variant.blocks.size() : i == 1 && index != 0;
    const Block block{.filters = std::int64_t{64} << index,
                      .stride = halves ? 2 : 1,
                      .conv_shortcut = i == 1,
                      .name = cat("conv", index + 2, "_block", i),
                      .definition = definition};
    x = variant.preact ? block_v2(x, block) : block_v1(x, block);
  }
  return x;
}

SymbolicTensor body(const Variant& variant, const SymbolicTensor& input, Definition definition) {
  SymbolicTensor x = layers::ZeroPadding2D(3, "conv1_pad")(input);
  x = Conv2D({.filters = 64,
              .kernel_size = 7,
              .strides = 2,
              .use_bias = definition == Definition::keras,
              .name = "conv1_conv"})(x);
  if (!variant.preact) x = normalised_relu(x, "conv1", definition);
  x = layers::ZeroPadding2D(1, "pool1_pad")(x);
  x = layers::MaxPooling2D({.pool_size = 3, .strides = 2, .name = "pool1_pool"})(x);
  for (std::size_t i = 0; i < variant.blocks.size(); ++i) x = stage(x, variant, i, definition);
  return variant.preact ? normalised_relu(x, "post") : x;
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Start begun = start(variant.traits, options);
  const SymbolicTensor x = average_and_classify(body(variant, begun.x, options.definition), options,
                                                {.average = "avg_pool", .max = "max_pool"});
  return finish(variant, options, begun, x);
}

constexpr std::array kMembers{
    entry<kResNet50, build, published>(),    entry<kResNet101, build, published>(),
    entry<kResNet152, build, published>(),   entry<kResNet50V2, build, published>(),
    entry<kResNet101V2, build, published>(), entry<kResNet152V2, build, published>()};

}  // namespace
}  // namespace resnet

std::span<const Application> resnet_family() { return resnet::kMembers; }

Model ResNet50(const ApplicationOptions& options) { return resnet::build(resnet::kResNet50, options); }
Model ResNet101(const ApplicationOptions& options) { return resnet::build(resnet::kResNet101, options); }
Model ResNet152(const ApplicationOptions& options) { return resnet::build(resnet::kResNet152, options); }
Model ResNet50V2(const ApplicationOptions& options) { return resnet::build(resnet::kResNet50V2, options); }
Model ResNet101V2(const ApplicationOptions& options) { return resnet::build(resnet::kResNet101V2, options); }
Model ResNet152V2(const ApplicationOptions& options) { return resnet::build(resnet::kResNet152V2, options); }

}  // namespace graft::applications
