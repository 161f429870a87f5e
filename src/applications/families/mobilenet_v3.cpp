// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/convolutional.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/normalization.hpp"
#include "graft/layers/operation.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/preprocessing.hpp"
#include "graft/layers/regularization.hpp"
#include "graft/layers/reshaping.hpp"

#include "applications/building.hpp"
#include "applications/families.hpp"

namespace graft::applications {
namespace mobilenet_v3 {
namespace {

using layers::Conv2D;

/// One row of the paper's tables 1 and 2. Minimalistic networks have kernels of 3 and ReLU throughout and no
/// squeeze-and-excitation.
struct Block {
  double expansion;
  std::int64_t filters, kernel_size, stride;
  bool squeezes, hard_swish;
};
constexpr std::array<Block, 11> kSmall{{{1, 16, 3, 2, true, false},
                                        {72.0 / 16, 24, 3, 2, false, false},
                                        {88.0 / 24, 24, 3, 1, false, false},
                                        {4, 40, 5, 2, true, true},
                                        {6, 40, 5, 1, true, true},
                                        {6, 40, 5, 1, true, true},
                                        {3, 48, 5, 1, true, true},
                                        {3, 48, 5, 1, true, true},
                                        {6, 96, 5, 2, true, true},
                                        {6, 96, 5, 1, true, true},
                                        {6, 96, 5, 1, true, true}}};
constexpr std::array<Block, 15> kLarge{{{1, 16, 3, 1, false, false},
                                        {4, 24, 3, 2, false, false},
                                        {3, 24, 3, 1, false, false},
                                        {3, 40, 5, 2, true, false},
                                        {3, 40, 5, 1, true, false},
                                        {3, 40, 5, 1, true, false},
                                        {6, 80, 3, 2, false, true},
                                        {2.5, 80, 3, 1, false, true},
                                        {2.3, 80, 3, 1, false, true},
                                        {2.3, 80, 3, 1, false, true},
                                        {6, 112, 3, 1, true, true},
                                        {6, 112, 3, 1, true, true},
                                        {6, 160, 5, 2, true, true},
                                        {6, 160, 5, 1, true, true},
                                        {6, 160, 5, 1, true, true}}};
constexpr double kSqueeze = 0.25;
constexpr double kDropoutRate = 0.2;

struct Variant {
  Traits traits;
  std::string_view size;  ///< in the names of its files
  std::span<const Block> blocks;
  std::int64_t last_filters;
};

constexpr Traits traits(std::string_view name, std::string_view keras_name, Accuracy accuracy) {
  return {.name = name,
          .keras_name = keras_name,
          .any_size_with_top = true,
          .has_alpha = true,
          .has_dropout_rate = true,
          .has_minimalistic = true,
          .has_preprocessing = true,
          .has_torch_definition = true,
          .accuracy = accuracy};
}

// Accuracy: the table in Keras's documentation of these functions, for alpha 1.
constexpr Variant kMobileNetV3Small{
    .traits = traits("mobilenet_v3_small", "MobileNetV3Small", {.top1 = 0.681}),
    .size = "small",
    .blocks = kSmall,
    .last_filters = 1024};
constexpr Variant kMobileNetV3Large{
    .traits = traits("mobilenet_v3_large", "MobileNetV3Large", {.top1 = 0.756}),
    .size = "large",
    .blocks = kLarge,
    .last_filters = 1280};

/// torchvision has Keras's epsilon, timm PyTorch's.
SymbolicTensor normalised(const SymbolicTensor& x, const std::string& name, Definition definition) {
  const double epsilon = definition == Definition::timm ? 1e-5 : 1e-3;
  return layers::BatchNormalization({.momentum = 0.999, .epsilon = epsilon, .name = name})(x);
}

SymbolicTensor activated(const SymbolicTensor& x, bool hard_swish) {
  return hard_swish ? layers::Activation("hard_swish")(x) : layers::ReLU()(x);
}

/// A convolution, NAME, its batch normalisation, NAME_bn.
SymbolicTensor convolution(const SymbolicTensor& x, std::int64_t filters, const std::string& name,
                           Definition definition) {
  const SymbolicTensor y = Conv2D(
      {.filters = filters, .kernel_size = 1, .padding = Padding::same, .use_bias = false, .name = name})(x);
  return normalised(y, name + "_bn", definition);
}

/// The first convolution, normalised.
SymbolicTensor stem(const SymbolicTensor& x, Definition definition) {
  const bool torch = definition != Definition::keras;
  const SymbolicTensor y = Conv2D({.filters = 16,
                                   .kernel_size = 3,
                                   .strides = 2,
                                   .padding = torch ? Padding::valid : Padding::same,
                                   .use_bias = false,
                                   .name = "conv"})(torch ? layers::ZeroPadding2D(1, "conv_pad")(x) : x);
  return normalised(y, "conv_bn", definition);
}

/// Pixels from 0 to 255 as the weights were trained to see them.
SymbolicTensor preprocessed(const SymbolicTensor& input, Definition definition) {
  if (definition == Definition::keras)
    return layers::Rescaling({.scale = {1.0 / 127.5}, .offset = {-1.0}})(input);
  return layers::Rescaling({.scale = {1 / (255 * 0.229), 1 / (255 * 0.224), 1 / (255 * 0.225)},
                            .offset = {-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225}})(
      input);  // ImageNet's
}

/// Squeeze-and-excitation whose last activation Keras writes as arithmetic: relu6(x + 3) / 6.
SymbolicTensor excited(const SymbolicTensor& x, std::int64_t squeezed, const std::string& prefix) {
  const auto convolved = [&](const SymbolicTensor& y, std::int64_t filters, const char* name) {
    return Conv2D({.filters = filters, .kernel_size = 1, .padding = Padding::same, .name = prefix + name})(y);
  };
  SymbolicTensor y = layers::GlobalAveragePooling2D({.keepdims = true, .name = prefix + "avg_pool"})(x);
  y = convolved(y, squeezed, "conv");
  y = layers::ReLU({.name = prefix + "relu"})(y);
  y = convolved(y, x.shape[3], "conv_1");
  y = layers::ReLU({.max_value = 6})(y + 3.0) * (1.0 / 6.0);
  return layers::Multiply(prefix + "mul")({x, y});
}

/// The position of a block in its network.
struct Place {
  int number;
  std::int64_t filters;
  Definition definition;
};

SymbolicTensor inverted_residual(const SymbolicTensor& input, const Block& block, const Place& place) {
  const auto [number, filters, definition] = place;
  const std::string prefix = number == 0 ? "expanded_conv_" : cat("expanded_conv_", number, "_");
  const std::int64_t channels = input.shape[3];
  const std::int64_t widened = make_divisible(static_cast<double>(channels) * block.expansion);
  SymbolicTensor x = input;
  if (number != 0) x = activated(convolution(x, widened, prefix + "expand", definition), block.hard_swish);
  if (block.stride == 2) x = pad_for_stride2(x, block.kernel_size, prefix + "depthwise_pad", definition);
  x = layers::DepthwiseConv2D({.kernel_size = block.kernel_size,
                               .strides = block.stride,
                               .padding = block.stride == 1 ? Padding::same : Padding::valid,
                               .use_bias = false,
                               .name = prefix + "depthwise"})(x);
  x = activated(normalised(x, prefix + "depthwise_bn", definition), block.hard_swish);
  if (block.squeezes) {
    const std::int64_t squeezed = make_divisible(static_cast<double>(widened) * kSqueeze);
    x = excited(x, squeezed, prefix + "squeeze_excite_");
  }
  x = convolution(x, filters, prefix + "project", definition);
  if (block.stride == 1 && channels == filters) x = layers::Add(prefix + "add")({input, x});
  return x;
}

SymbolicTensor body(const Variant& variant, const SymbolicTensor& input, const ApplicationOptions& options) {
  SymbolicTensor x = input;
  if (options.include_preprocessing) x = preprocessed(x, options.definition);
  x = activated(stem(x, options.definition), !options.minimalistic);
  int number = 0;
  for (Block block : variant.blocks) {
    if (options.minimalistic) {
      block.kernel_size = 3;
      block.squeezes = block.hard_swish = false;
    }
    const std::int64_t filters = make_divisible(static_cast<double>(block.filters) * options.alpha);
    x = inverted_residual(x, block, {number++, filters, options.definition});
  }
  const std::int64_t filters = make_divisible(static_cast<double>(x.shape[3]) * 6);
  return activated(convolution(x, filters, "conv_1", options.definition), !options.minimalistic);
}

/// The classifier as convolutions of the one pixel that pooling leaves.
SymbolicTensor top(const Variant& variant, const SymbolicTensor& features,
                   const ApplicationOptions& options) {
  const auto convolved = [](const SymbolicTensor& x, std::int64_t filters, const char* name) {
    return Conv2D({.filters = filters, .kernel_size = 1, .padding = Padding::same, .name = name})(x);
  };
  const auto last = static_cast<double>(variant.last_filters);
  SymbolicTensor x = layers::GlobalAveragePooling2D({.keepdims = true})(features);
  x = convolved(x, options.alpha > 1 ? make_divisible(last * options.alpha) : variant.last_filters, "conv_2");
  x = activated(x, !options.minimalistic);
  const double rate = options.dropout_rate.value_or(kDropoutRate);
  if (rate > 0) x = layers::Dropout({.rate = rate})(x);
  x = convolved(x, options.classes, "logits");
  return last_activation(layers::Flatten()(x), options);
}

PublishedWeights published(const Variant& variant, const ApplicationOptions& options) {
  return published_file(cat("weights_mobilenet_v3_", variant.size,
                            options.minimalistic ? "_minimalistic" : "", "_224_",
                            options.alpha == 1.0 ? "1.0" : cat(options.alpha), "_float",
                            options.include_top ? ".h5" : "_no_top_v2.h5"));
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  if (options.weights == "imagenet" && published(variant, options).url.empty()) {
    fail(ErrorKind::invalid_argument, variant.traits.keras_name,
         ": weights imagenet exist for alpha 0.75 and 1, and minimalistic for alpha 1; received alpha ",
         options.alpha, options.minimalistic ? ", minimalistic" : "");
  }
  const Start begun = start(variant.traits, options);
  SymbolicTensor x = body(variant, begun.x, options);
  x = options.include_top ? top(variant, x, options)
                          : pooled(x, options, {.average = "avg_pool", .max = "max_pool"});
  return finish(variant.traits, options, begun, x,
                {.default_name = std::string(variant.traits.keras_name),
                 .published = published(variant, options),
                 .published_top = options.include_top});
}

constexpr std::array kMembers{entry<kMobileNetV3Large, build, published>(),
                              entry<kMobileNetV3Small, build, published>()};

}  // namespace
}  // namespace mobilenet_v3

std::span<const Application> mobilenet_v3_family() { return mobilenet_v3::kMembers; }

Model MobileNetV3Small(const ApplicationOptions& options) {
  return mobilenet_v3::build(mobilenet_v3::kMobileNetV3Small, options);
}
Model MobileNetV3Large(const ApplicationOptions& options) {
  return mobilenet_v3::build(mobilenet_v3::kMobileNetV3Large, options);
}

}  // namespace graft::applications
