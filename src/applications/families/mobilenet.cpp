// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/convolutional.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/normalization.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/regularization.hpp"
#include "graft/layers/reshaping.hpp"

#include "applications/building.hpp"
#include "applications/families.hpp"

namespace graft::applications {
namespace mobilenet {
namespace {

using layers::BatchNormalization;
using layers::Conv2D;

constexpr std::array<std::int64_t, 4> kPublishedSizes{128, 160, 192, 224};
/// Published widths, and how their files' names write them.
constexpr std::array<std::pair<double, const char*>, 4> kPublishedAlphas{
    {{1.0, "1_0"}, {0.75, "7_5"}, {0.5, "5_0"}, {0.25, "2_5"}}};
constexpr double kDropoutRate = 1e-3;

/// Filters at alpha 1 and stride of each of the 13 blocks.
struct Block {
  std::int64_t filters, stride;
};
constexpr std::array<Block, 13> kBlocks{{{64, 1},
                                         {128, 2},
                                         {128, 1},
                                         {256, 2},
                                         {256, 1},
                                         {512, 2},
                                         {512, 1},
                                         {512, 1},
                                         {512, 1},
                                         {512, 1},
                                         {512, 1},
                                         {1024, 2},
                                         {1024, 1}}};

struct Variant {
  Traits traits;
};
// Accuracy: https://keras.io/api/applications/
constexpr Variant kMobileNet{.traits = {.name = "mobilenet",
                                        .keras_name = "MobileNet",
                                        .has_alpha = true,
                                        .has_depth_multiplier = true,
                                        .has_dropout_rate = true,
                                        .has_torch_definition = true,
                                        .preprocessing = Preprocessing::tf,
                                        .torch_preprocessing = Preprocessing::tf,
                                        .accuracy = {.top1 = 0.704, .top5 = 0.895}}};

Traits traits_for(const Variant& variant, const ApplicationOptions& options) {
  Traits traits = variant.traits;
  traits.default_size = published_size(given_shape(options), kPublishedSizes);
  return traits;
}

/// Filters at this width: Keras cuts the fraction off.
std::int64_t scaled(std::int64_t filters, double alpha) {
  const auto result = static_cast<std::int64_t>(static_cast<double>(filters) * alpha);
  if (result < 1) {
    fail(ErrorKind::invalid_argument, "MobileNet: alpha ", alpha, " leaves none of ", filters,
         " filters; choose a larger one");
  }
  return result;
}

SymbolicTensor finished(const SymbolicTensor& x, const std::string& prefix, Definition definition) {
  const double epsilon = definition == Definition::keras ? 1e-3 : 1e-5;
  return relu6(BatchNormalization({.epsilon = epsilon, .name = prefix + "_bn"})(x), prefix + "_relu");
}

/// Before a stride of 2. Keras pads below and at the right whatever the size.
SymbolicTensor padded(const SymbolicTensor& x, const std::string& name, Definition definition) {
  const std::int64_t before = definition == Definition::keras ? 0 : 1;
  return layers::ZeroPadding2D({.top = before, .left = before, .name = name})(x);
}

SymbolicTensor depthwise_separable(const SymbolicTensor& input, std::size_t number,
                                   const ApplicationOptions& options) {
  const Block& block = kBlocks[number - 1];
  const bool halves = block.stride == 2;
  SymbolicTensor x = input;
  if (halves) x = padded(x, cat("conv_pad_", number), options.definition);
  x = layers::DepthwiseConv2D({.kernel_size = 3,
                               .strides = block.stride,
                               .padding = halves ? Padding::valid : Padding::same,
                               .depth_multiplier = options.depth_multiplier,
                               .use_bias = false,
                               .name = cat("conv_dw_", number)})(x);
  x = finished(x, cat("conv_dw_", number), options.definition);
  x = Conv2D({.filters = scaled(block.filters, options.alpha),
              .kernel_size = 1,
              .padding = Padding::same,
              .use_bias = false,
              .name = cat("conv_pw_", number)})(x);
  return finished(x, cat("conv_pw_", number), options.definition);
}

SymbolicTensor body(const SymbolicTensor& input, const ApplicationOptions& options) {
  const bool keras = options.definition == Definition::keras;
  SymbolicTensor x =
      Conv2D({.filters = scaled(32, options.alpha),
              .kernel_size = 3,
              .strides = 2,
              .padding = keras ? Padding::same : Padding::valid,
              .use_bias = false,
              .name = "conv1"})(keras ? input : padded(input, "conv1_pad", options.definition));
  x = finished(x, "conv1", options.definition);
  for (std::size_t number = 1; number <= kBlocks.size(); ++number)
    x = depthwise_separable(x, number, options);
  return x;
}

/// The classifier as a convolution of the one pixel that pooling leaves.
SymbolicTensor top(const SymbolicTensor& features, const ApplicationOptions& options) {
  SymbolicTensor x = layers::GlobalAveragePooling2D({.keepdims = true})(features);
  x = layers::Dropout({.rate = options.dropout_rate.value_or(kDropoutRate), .name = "dropout"})(x);
  x = Conv2D({.filters = options.classes, .kernel_size = 1, .padding = Padding::same, .name = "conv_preds"})(
      x);
  x = layers::Reshape({.target_shape = {options.classes}, .name = "reshape_2"})(x);
  return last_activation(x, options);
}

void check_published(const ApplicationOptions& options) {
  if (options.depth_multiplier != 1) {
    fail(ErrorKind::invalid_argument, "MobileNet: weights imagenet exist for depth_multiplier 1, received ",
         options.depth_multiplier);
  }
  if (std::ranges::find(kPublishedAlphas, options.alpha, &std::pair<double, const char*>::first) ==
      kPublishedAlphas.end()) {
    fail(ErrorKind::invalid_argument, "MobileNet: weights imagenet exist for alpha 0.25, 0.5, 0.75 and 1, ",
         "received ", options.alpha);
  }
}

PublishedWeights published(const Variant& variant, const ApplicationOptions& options) {
  const auto known =
      std::ranges::find(kPublishedAlphas, options.alpha, &std::pair<double, const char*>::first);
  const char* alpha = known == kPublishedAlphas.end() ? kPublishedAlphas.back().second : known->second;
  const std::string file =
      cat(variant.traits.name, "_", alpha, "_", published_size(given_shape(options), kPublishedSizes),
          options.include_top ? "_tf.h5" : "_tf_no_top.h5");
  return published_file(file);
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Traits traits = traits_for(variant, options);
  const bool imagenet = options.weights == "imagenet";
  if (imagenet) check_published(options);
  const Start begun = start(traits, options);
  SymbolicTensor x = body(begun.x, options);
  x = options.include_top ? top(x, options) : pooled(x, options);
  const Shape shape = begun.x.shape.without_batch();
  const std::int64_t rows = imagenet ? published_size(shape, kPublishedSizes) : shape[0];
  return finish(traits, options, begun, x,
                {.default_name = name_with_size("mobilenet", options, rows),
                 .published = published(variant, options),
                 .published_top = options.include_top});
}

constexpr std::array kMembers{entry<kMobileNet, build, published>()};

}  // namespace
}  // namespace mobilenet

std::span<const Application> mobilenet_family() { return mobilenet::kMembers; }

Model MobileNet(const ApplicationOptions& options) {
  return mobilenet::build(mobilenet::kMobileNet, options);
}

}  // namespace graft::applications
