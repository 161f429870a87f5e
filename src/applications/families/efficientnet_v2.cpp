// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/preprocessing.hpp"

#include "applications/building.hpp"
#include "applications/families.hpp"
#include "applications/families/mb_conv.hpp"

namespace graft::applications {
namespace efficientnet_v2 {
namespace {

struct Stage {
  int blocks;
  std::int64_t stride, expansion, filters;
  bool fused;  ///< one dense convolution for two, and no squeeze-and-excitation
};
constexpr std::array<Stage, 6> kStagesB{{{1, 1, 1, 16, true},
                                         {2, 2, 4, 32, true},
                                         {2, 2, 4, 48, true},
                                         {3, 2, 4, 96, false},
                                         {5, 1, 6, 112, false},
                                         {8, 2, 6, 192, false}}};
constexpr std::array<Stage, 6> kStagesS{{{2, 1, 1, 24, true},
                                         {4, 2, 4, 48, true},
                                         {4, 2, 4, 64, true},
                                         {6, 2, 4, 128, false},
                                         {9, 1, 6, 160, false},
                                         {15, 2, 6, 256, false}}};
constexpr std::array<Stage, 7> kStagesM{{{3, 1, 1, 24, true},
                                         {5, 2, 4, 48, true},
                                         {5, 2, 4, 80, true},
                                         {7, 2, 4, 160, false},
                                         {14, 1, 6, 176, false},
                                         {18, 2, 6, 304, false},
                                         {5, 1, 6, 512, false}}};
constexpr std::array<Stage, 7> kStagesL{{{4, 1, 1, 32, true},
                                         {7, 2, 4, 64, true},
                                         {7, 2, 4, 96, true},
                                         {10, 2, 4, 192, false},
                                         {19, 1, 6, 224, false},
                                         {25, 2, 6, 384, false},
                                         {7, 1, 6, 640, false}}};

/// What sets one EfficientNetV2 apart. B0 to B3 are one network at several widths and depths.
struct Variant {
  Traits traits;
  std::string_view model_name;  ///< also of its published files
  std::span<const Stage> stages = kStagesB;
  std::int64_t stem_filters = 32;
  double width = 1, depth = 1;
  bool imagenet_statistics = true;  ///< how it normalises pixels: by ImageNet's, or to -1..1
  bool torch_statistics = true;     ///< likewise in torchvision's definition
};

constexpr Traits traits(std::string_view name, std::string_view keras_name, std::int64_t size,
                        Accuracy accuracy) {
  return {.name = name,
          .keras_name = keras_name,
          .default_size = size,
          .has_preprocessing = true,
          .has_torch_definition = true,
          .accuracy = accuracy};
}

// Accuracy: https://keras.io/api/applications/
constexpr Variant kB0{.traits = traits("efficientnet_v2_b0", "EfficientNetV2B0", 224, {0.787, 0.943}),
                      .model_name = "efficientnetv2-b0"};
constexpr Variant kB1{.traits = traits("efficientnet_v2_b1", "EfficientNetV2B1", 240, {0.798, 0.950}),
                      .model_name = "efficientnetv2-b1",
                      .depth = 1.1};
constexpr Variant kB2{.traits = traits("efficientnet_v2_b2", "EfficientNetV2B2", 260, {0.805, 0.951}),
                      .model_name = "efficientnetv2-b2",
                      .width = 1.1,
                      .depth = 1.2};
constexpr Variant kB3{.traits = traits("efficientnet_v2_b3", "EfficientNetV2B3", 300, {0.820, 0.958}),
                      .model_name = "efficientnetv2-b3",
                      .width = 1.2,
                      .depth = 1.4};
constexpr Variant kS{.traits = traits("efficientnet_v2_s", "EfficientNetV2S", 384, {0.839, 0.967}),
                     .model_name = "efficientnetv2-s",
                     .stages = kStagesS,
                     .stem_filters = 24,
                     .imagenet_statistics = false};
constexpr Variant kM{.traits = traits("efficientnet_v2_m", "EfficientNetV2M", 480, {0.853, 0.974}),
                     .model_name = "efficientnetv2-m",
                     .stages = kStagesM,
                     .stem_filters = 24,
                     .imagenet_statistics = false};
constexpr Variant kL{.traits = traits("efficientnet_v2_l", "EfficientNetV2L", 480, {0.857, 0.975}),
                     .model_name = "efficientnetv2-l",
                     .stages = kStagesL,
                     .imagenet_statistics = false,
                     .torch_statistics = false};

constexpr std::int64_t kHeadFilters = 1280;
constexpr double kMomentum = 0.9;
constexpr double kDropConnectRate = 0.2;
constexpr double kDropoutRate = 0.2;

/// To the nearest multiple of 8: unlike EfficientNet's rule, also where that is more than a tenth below.
std::int64_t filters_of(const Variant& variant, std::int64_t filters) {
  const double scaled = static_cast<double>(filters) * variant.width;
  return std::max<std::int64_t>(8, static_cast<std::int64_t>(scaled + 4) / 8 * 8);
}

SymbolicTensor preprocessed(const Variant& variant, const SymbolicTensor& input, Definition definition) {
  const bool keras = definition == Definition::keras;
  if (!(keras ? variant.imagenet_statistics : variant.torch_statistics) || input.shape[3] != 3)
    return layers::Rescaling({.scale = {1.0 / (keras ? 128.0 : 127.5)}, .offset = {-1}})(input);
  const SymbolicTensor x = layers::Rescaling({.scale = {1.0 / 255}})(input);
  return layers::Normalization(
      {.mean = {0.485, 0.456, 0.406}, .variance = {0.229 * 0.229, 0.224 * 0.224, 0.225 * 0.225}})(x);
}

/// torchvision has Keras's epsilon, timm PyTorch's.
double epsilon_of(Definition definition) { return definition == Definition::timm ? 1e-5 : 1e-3; }

SymbolicTensor stages(const Variant& variant, SymbolicTensor x, Definition definition) {
  // Keras counts the blocks before it deepens the network.
  const int all = std::transform_reduce(variant.stages.begin(), variant.stages.end(), 0, std::plus<>(),
                                        [](const Stage& stage) { return stage.blocks; });
  int number = 0;
  for (std::size_t i = 0; i < variant.stages.size(); ++i) {
    const Stage& stage = variant.stages[i];
    const int blocks = static_cast<int>(std::ceil(variant.depth * stage.blocks));
    for (int j = 0; j < blocks; ++j) {
      const MbConv block{.prefix = cat("block", i + 1, static_cast<char>('a' + j), "_"),
                         .kernel_size = 3,
                         .stride = j == 0 ? stage.stride : 1,
                         .expansion = stage.expansion,
                         .filters = filters_of(variant, stage.filters),
                         .squeeze = stage.fused ? 0 : 0.25,
                         .drop_rate = kDropConnectRate * number++ / all,
                         .momentum = kMomentum,
                         .epsilon = epsilon_of(definition),
                         .definition = definition};
      x = stage.fused ? fused_mb_conv(x, block) : mb_conv(x, block);
    }
  }
  return x;
}

SymbolicTensor body(const Variant& variant, const SymbolicTensor& input, const ApplicationOptions& options) {
  const Definition definition = options.definition;
  SymbolicTensor x = options.include_preprocessing ? preprocessed(variant, input, definition) : input;
  x = activated_convolution(x, {.prefix = "stem_",
                                .filters = filters_of(variant, variant.stem_filters),
                                .kernel_size = 3,
                                .stride = 2,
                                .momentum = kMomentum,
                                .epsilon = epsilon_of(definition),
                                .definition = definition});
  x = stages(variant, x, definition);
  return activated_convolution(x, {.prefix = "top_",
                                   .filters = filters_of(variant, kHeadFilters),
                                   .momentum = kMomentum,
                                   .epsilon = epsilon_of(definition)});
}

PublishedWeights published(const Variant& variant, const ApplicationOptions& options) {
  return published_file(cat(variant.model_name, options.include_top ? ".h5" : "_notop.h5"));
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Start begun = start(variant.traits, options);
  const SymbolicTensor features = body(variant, begun.x, options);
  return finish(variant.traits, options, begun, efficientnet_end(features, options, kDropoutRate),
                {.default_name = std::string(variant.model_name),
                 .published = published(variant, options),
                 .published_top = options.include_top});
}

constexpr std::array kMembers{entry<kB0, build, published>(), entry<kB1, build, published>(),
                              entry<kB2, build, published>(), entry<kB3, build, published>(),
                              entry<kS, build, published>(),  entry<kM, build, published>(),
                              entry<kL, build, published>()};

}  // namespace
}  // namespace efficientnet_v2

std::span<const Application> efficientnet_v2_family() { return efficientnet_v2::kMembers; }

Model EfficientNetV2B0(const ApplicationOptions& options) {
  return efficientnet_v2::build(efficientnet_v2::kB0, options);
}
Model EfficientNetV2B1(const ApplicationOptions& options) {
  return efficientnet_v2::build(efficientnet_v2::kB1, options);
}
Model EfficientNetV2B2(const ApplicationOptions& options) {
  return efficientnet_v2::build(efficientnet_v2::kB2, options);
}
Model EfficientNetV2B3(const ApplicationOptions& options) {
  return efficientnet_v2::build(efficientnet_v2::kB3, options);
}
Model EfficientNetV2S(const ApplicationOptions& options) {
  return efficientnet_v2::build(efficientnet_v2::kS, options);
}
Model EfficientNetV2M(const ApplicationOptions& options) {
  return efficientnet_v2::build(efficientnet_v2::kM, options);
}
Model EfficientNetV2L(const ApplicationOptions& options) {
  return efficientnet_v2::build(efficientnet_v2::kL, options);
}

}  // namespace graft::applications
