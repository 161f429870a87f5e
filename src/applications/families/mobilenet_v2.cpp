// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/convolutional.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/normalization.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/reshaping.hpp"

#include "applications/building.hpp"
#include "applications/families.hpp"

namespace graft::applications {
namespace mobilenet_v2 {
namespace {

using layers::BatchNormalization;
using layers::Conv2D;
using layers::DepthwiseConv2D;

constexpr std::array<std::int64_t, 5> kPublishedSizes{96, 128, 160, 192, 224};
constexpr std::array<double, 6> kPublishedAlphas{0.35, 0.5, 0.75, 1.0, 1.3, 1.4};

struct Variant {
  Traits traits;
};
// Accuracy: https://keras.io/api/applications/
constexpr Variant kMobileNetV2{.traits = {.name = "mobilenet_v2",
                                          .keras_name = "MobileNetV2",
                                          .has_alpha = true,
                                          .has_torch_definition = true,
                                          .preprocessing = Preprocessing::tf,
                                          .accuracy = {.top1 = 0.713, .top5 = 0.901}}};

Traits traits_for(const Variant& variant, const ApplicationOptions& options) {
  Traits traits = variant.traits;
  traits.default_size = published_size(given_shape(options), kPublishedSizes);
  return traits;
}

SymbolicTensor normalised(const SymbolicTensor& x, const std::string& name, Definition definition) {
  const double epsilon = definition == Definition::keras ? 1e-3 : 1e-5;
  return BatchNormalization({.momentum = 0.999, .epsilon = epsilon, .name = name})(x);
}

SymbolicTensor pointwise(const SymbolicTensor& x, std::int64_t filters, const std::string& name) {
  return Conv2D(
      {.filters = filters, .kernel_size = 1, .padding = Padding::same, .use_bias = false, .name = name})(x);
}

struct Block {
  int number;  ///< 0 does not widen
  std::int64_t filters, stride;
  Definition definition;
};

/// One inverted residual: widen six times, filter each channel, narrow.
SymbolicTensor inverted_residual(const SymbolicTensor& input, const Block& block) {
  const auto [number, filters, stride, definition] = block;
  const std::string prefix = number == 0 ? "expanded_conv_" : cat("block_", number, "_");
  const std::int64_t channels = input.shape[3];
  SymbolicTensor x = input;
  if (number != 0) {
    x = pointwise(x, 6 * channels, prefix + "expand");
    x = normalised(x, prefix + "expand_BN", definition);
    x = relu6(x, prefix + "expand_relu");
  }
  if (stride == 2) x = pad_for_stride2(x, 3, prefix + "pad", definition);
  x = DepthwiseConv2D({.kernel_size = 3,
                       .strides = stride,
                       .padding = stride == 1 ? Padding::same : Padding::valid,
                       .use_bias = false,
                       .name = prefix + "depthwise"})(x);
  x = normalised(x, prefix + "depthwise_BN", definition);
  x = relu6(x, prefix + "depthwise_relu");
  x = pointwise(x, filters, prefix + "project");
  x = normalised(x, prefix + "project_BN", definition);
  if (stride == 1 && channels == filters) x = layers::Add(prefix + "add")({input, x});
  return x;
}

/// Output filters at alpha 1, how many blocks, and the first one's stride.
struct Stage {
  std::int64_t filters;
  int blocks;
  std::int64_t stride;
};
constexpr std::array<Stage, 7> kStages{
    {{16, 1, 1}, {24, 2, 2}, {32, 3, 2}, {64, 4, 2}, {96, 3, 1}, {160, 3, 2}, {320, 1, 1}}};

SymbolicTensor body(const SymbolicTensor& input, double alpha, Definition definition) {
  const bool torch = definition != Definition::keras;
  SymbolicTensor x = torch ? layers::ZeroPadding2D(1, "Conv1_pad")(input) : input;
  x = Conv2D({.filters = make_divisible(32 * alpha),
              .kernel_size = 3,
              .strides = 2,
              .padding = torch ? Padding::valid : Padding::same,
              .use_bias = false,
              .name = "Conv1"})(x);
  x = relu6(normalised(x, "bn_Conv1", definition), "Conv1_relu");
  int block = 0;
  for (const Stage& stage : kStages) {
    // Keras cuts the fraction off before it rounds to a multiple.
    const auto scaled = static_cast<std::int64_t>(static_cast<double>(stage.filters) * alpha);
    const std::int64_t filters = make_divisible(static_cast<double>(scaled));
    for (int i = 0; i < stage.blocks; ++i)
      x = inverted_residual(x, {block++, filters, i == 0 ? stage.stride : 1, definition});
  }
  const std::int64_t last = alpha > 1 ? make_divisible(1280 * alpha) : 1280;
  x = Conv2D({.filters = last, .kernel_size = 1, .use_bias = false, .name = "Conv_1"})(x);
  return relu6(normalised(x, "Conv_1_bn", definition), "out_relu");
}

PublishedWeights published(const Variant& variant, const ApplicationOptions& options) {
  const std::string name(variant.traits.name);
  // Python writes 1.0 where a stream writes 1.
  const std::string alpha = options.alpha == 1.0 ? "1.0" : cat(options.alpha);
  const std::string file =
      cat(name, "_weights_tf_dim_ordering_tf_kernels_", alpha, "_",
          published_size(given_shape(options), kPublishedSizes), options.include_top ? ".h5" : "_no_top.h5");
  return published_file(file);
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Traits traits = traits_for(variant, options);
  const bool imagenet = options.weights == "imagenet";
  if (imagenet && std::ranges::find(kPublishedAlphas, options.alpha) == kPublishedAlphas.end()) {
    fail(ErrorKind::invalid_argument,
         "MobileNetV2: weights imagenet exist for alpha 0.35, 0.5, 0.75, 1, 1.3 ", "and 1.4, received ",
         options.alpha);
  }
  const Start begun = start(traits, options);
  SymbolicTensor x = body(begun.x, options.alpha, options.definition);
  if (options.include_top) {
    x = classifier(layers::GlobalAveragePooling2D()(x), options);
  } else {
    x = pooled(x, options);
  }
  const Shape shape = begun.x.shape.without_batch();
  const std::int64_t rows = imagenet ? published_size(shape, kPublishedSizes) : shape[0];
  return finish(traits, options, begun, x,
                {.default_name = name_with_size("mobilenetv2", options, rows),
                 .published = published(variant, options),
                 .published_top = options.include_top});
}

constexpr std::array kMembers{entry<kMobileNetV2, build, published>()};

}  // namespace
}  // namespace mobilenet_v2

std::span<const Application> mobilenet_v2_family() { return mobilenet_v2::kMembers; }

Model MobileNetV2(const ApplicationOptions& options) {
  return mobilenet_v2::build(mobilenet_v2::kMobileNetV2, options);
}

}  // namespace graft::applications
