// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/preprocessing.hpp"
#include "graft/layers/regularization.hpp"

#include "applications/building.hpp"
#include "applications/families.hpp"
#include "applications/families/mb_conv.hpp"
#include "applications/imagenet_statistics.hpp"
#include "applications/plain_name.hpp"

namespace graft::applications {
namespace efficientnet {
namespace {

/// What sets one EfficientNet apart: how much wider and deeper than B0 it is.
struct Variant {
  Traits traits;
  double width = 1, depth = 1;
  double dropout = 0.2;         ///< before the classifier
  double torch_epsilon = 1e-5;  ///< of batch normalisation in torchvision's definition
};

constexpr Traits traits(std::string_view name, std::string_view keras_name, std::int64_t size,
                        Accuracy accuracy) {
  return {.name = name,
          .keras_name = keras_name,
          .default_size = size,
          .has_torch_definition = true,
          .accuracy = accuracy};
}

// Accuracy: https://keras.io/api/applications/
constexpr Variant kB0{.traits = traits("efficientnet_b0", "EfficientNetB0", 224, {0.771, 0.933})};
constexpr Variant kB1{.traits = traits("efficientnet_b1", "EfficientNetB1", 240, {0.791, 0.944}),
                      .depth = 1.1};
constexpr Variant kB2{.traits = traits("efficientnet_b2", "EfficientNetB2", 260, {0.801, 0.949}),
                      .width = 1.1,
                      .depth = 1.2,
                      .dropout = 0.3};
constexpr Variant kB3{.traits = traits("efficientnet_b3", "EfficientNetB3", 300, {0.816, 0.957}),
                      .width = 1.2,
                      .depth = 1.4,
                      .dropout = 0.3};
constexpr Variant kB4{.traits = traits("efficientnet_b4", "EfficientNetB4", 380, {0.829, 0.964}),
                      .width = 1.4,
                      .depth = 1.8,
                      .dropout = 0.4};
constexpr Variant kB5{.traits = traits("efficientnet_b5", "EfficientNetB5", 456, {0.836, 0.967}),
                      .width = 1.6,
                      .depth = 2.2,
                      .dropout = 0.4,
                      .torch_epsilon = 1e-3};
constexpr Variant kB6{.traits = traits("efficientnet_b6", "EfficientNetB6", 528, {0.840, 0.968}),
                      .width = 1.8,
                      .depth = 2.6,
                      .dropout = 0.5,
                      .torch_epsilon = 1e-3};
constexpr Variant kB7{.traits = traits("efficientnet_b7", "EfficientNetB7", 600, {0.843, 0.970}),
                      .width = 2.0,
                      .depth = 3.1,
                      .dropout = 0.5,
                      .torch_epsilon = 1e-3};

constexpr double kDropConnectRate = 0.2;

std::int64_t filters_of(const Variant& variant, std::int64_t filters) {
  return make_divisible(static_cast<double>(filters) * variant.width);
}

int blocks_of(const Variant& variant, const EfficientNetStage& stage) {
  return static_cast<int>(std::ceil(variant.depth * stage.blocks));
}

/// ImageNet's mean and variance as PyTorch's networks were trained with, as weights of the Normalization.
void set_torch_statistics(const Layer& normalization) {
  const std::vector<VariablePtr> weights = normalization.weights();  // mean, variance, count
  if (weights.size() < 2 || weights[0]->shape() != Shape{3}) return;
  weights[0]->assign(per_channel(kImagenetMean, false));
  weights[1]->assign(per_channel(kImagenetDeviation, true));
}

SymbolicTensor preprocessed(const SymbolicTensor& input, const ApplicationOptions& options) {
  SymbolicTensor x = layers::Rescaling({.scale = {1.0 / 255.0}})(input);
  const Layer normalization = layers::Normalization();
  x = normalization(x);
  if (options.definition != Definition::keras) {
    set_torch_statistics(normalization);
    return x;
  }
  if (options.weights != "imagenet") return x;
  std::vector<double> scale;
  scale.reserve(kImagenetDeviation.size());
  for (const double deviation : kImagenetDeviation) scale.push_back(1 / std::sqrt(deviation));
  return layers::Rescaling({.scale = scale})(x);
}

double epsilon_of(const Variant& variant, Definition definition) {
  switch (definition) {
    case Definition::torch:
      return variant.torch_epsilon;
    case Definition::timm:
      return 1e-5;
    case Definition::keras:
      break;
  }
  return 1e-3;
}

SymbolicTensor stages(const Variant& variant, SymbolicTensor x, Definition definition) {
  const int all =
      std::transform_reduce(kEfficientNetStages.begin(), kEfficientNetStages.end(), 0, std::plus<>(),
                            [&](const EfficientNetStage& stage) { return blocks_of(variant, stage); });
  int number = 0;
  for (std::size_t i = 0; i < kEfficientNetStages.size(); ++i) {
    const EfficientNetStage& stage = kEfficientNetStages[i];
    for (int j = 0; j < blocks_of(variant, stage); ++j) {
      x = mb_conv(x, {.prefix = cat("block", i + 1, static_cast<char>('a' + j), "_"),
                      .kernel_size = stage.kernel_size,
                      .stride = j == 0 ? stage.stride : 1,
                      .expansion = stage.expansion,
                      .filters = filters_of(variant, stage.filters),
                      .squeeze = 0.25,
                      .drop_rate = kDropConnectRate * number++ / all,
                      .epsilon = epsilon_of(variant, definition),
                      .pads_itself = true,
                      .definition = definition});
    }
  }
  return x;
}

SymbolicTensor body(const Variant& variant, const SymbolicTensor& input, const ApplicationOptions& options) {
  const double epsilon = epsilon_of(variant, options.definition);
  SymbolicTensor x = activated_convolution(preprocessed(input, options),
                                           {.prefix = "stem_",
                                            .filters = filters_of(variant, kEfficientNetStemFilters),
                                            .kernel_size = 3,
                                            .stride = 2,
                                            .epsilon = epsilon,
                                            .pads_itself = true,
                                            .definition = options.definition});
  x = stages(variant, x, options.definition);
  return activated_convolution(
      x, {.prefix = "top_", .filters = filters_of(variant, kEfficientNetHeadFilters), .epsilon = epsilon});
}

PublishedWeights published(const Variant& variant, const ApplicationOptions& options) {
  return published_file(plain_name(variant.traits.name) + (options.include_top ? ".h5" : "_notop.h5"));
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Start begun = start(variant.traits, options);
  const SymbolicTensor features = body(variant, begun.x, options);
  return finish(variant.traits, options, begun, efficientnet_end(features, options, variant.dropout),
                {.default_name = plain_name(variant.traits.name),
                 .published = published(variant, options),
                 .published_top = options.include_top});
}

constexpr std::array kMembers{entry<kB0, build, published>(), entry<kB1, build, published>(),
                              entry<kB2, build, published>(), entry<kB3, build, published>(),
                              entry<kB4, build, published>(), entry<kB5, build, published>(),
                              entry<kB6, build, published>(), entry<kB7, build, published>()};

}  // namespace
}  // namespace efficientnet

std::span<const Application> efficientnet_family() { return efficientnet::kMembers; }

Model EfficientNetB0(const ApplicationOptions& options) {
  return efficientnet::build(efficientnet::kB0, options);
}
Model EfficientNetB1(const ApplicationOptions& options) {
  return efficientnet::build(efficientnet::kB1, options);
}
Model EfficientNetB2(const ApplicationOptions& options) {
  return efficientnet::build(efficientnet::kB2, options);
}
Model EfficientNetB3(const ApplicationOptions& options) {
  return efficientnet::build(efficientnet::kB3, options);
}
Model EfficientNetB4(const ApplicationOptions& options) {
  return efficientnet::build(efficientnet::kB4, options);
}
Model EfficientNetB5(const ApplicationOptions& options) {
  return efficientnet::build(efficientnet::kB5, options);
}
Model EfficientNetB6(const ApplicationOptions& options) {
  return efficientnet::build(efficientnet::kB6, options);
}
Model EfficientNetB7(const ApplicationOptions& options) {
  return efficientnet::build(efficientnet::kB7, options);
}

}  // namespace graft::applications
