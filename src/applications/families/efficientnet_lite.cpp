// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"

#include "applications/building.hpp"
#include "applications/families.hpp"
#include "applications/families/mb_conv.hpp"

namespace graft::applications {
namespace efficientnet_lite {
namespace {

/// What sets one EfficientNet-Lite apart: how much wider and deeper than Lite0 it is.
struct Variant {
  Traits traits;
  double width = 1;
  double depth = 1;
  double dropout = 0.2;
  std::string_view file;
};

constexpr Traits traits(std::string_view name, std::string_view keras_name, std::int64_t size, double top1) {
  return {.name = name,
          .keras_name = keras_name,
          .default_size = size,
          .has_torch_definition = true,
          .preprocessing = Preprocessing::lite,
          .accuracy = {.top1 = top1}};
}

// Sizes, widths, depths and accuracy (top-1 alone is stated): the EfficientNet-Lite page of TensorFlow's TPU
// models.
constexpr Variant kLite0{.traits = traits("efficientnet_lite0", "EfficientNetLite0", 224, 0.751),
                         .file = "efficientnet-lite0-57934424.pth"};
constexpr Variant kLite1{.traits = traits("efficientnet_lite1", "EfficientNetLite1", 240, 0.767),
                         .depth = 1.1,
                         .file = "efficientnet-lite1-77cc7160.pth"};
constexpr Variant kLite2{.traits = traits("efficientnet_lite2", "EfficientNetLite2", 260, 0.776),
                         .width = 1.1,
                         .depth = 1.2,
                         .dropout = 0.3,
                         .file = "efficientnet-lite2-9656183e.pth"};
constexpr Variant kLite3{.traits = traits("efficientnet_lite3", "EfficientNetLite3", 280, 0.798),
                         .width = 1.2,
                         .depth = 1.4,
                         .dropout = 0.3,
                         .file = "tf_efficientnet_lite3-b733e338.pth"};
constexpr Variant kLite4{.traits = traits("efficientnet_lite4", "EfficientNetLite4", 300, 0.815),
                         .width = 1.4,
                         .depth = 1.8,
                         .dropout = 0.3,
                         .file = "tf_efficientnet_lite4-741542c3.pth"};

/// The file's epsilon, TensorFlow's, or that of timm's own networks.
double epsilon_of(Definition definition) { return definition == Definition::keras ? 1e-3 : 1e-5; }

SymbolicTensor body(const Variant& variant, const SymbolicTensor& input, Definition definition) {
  const double epsilon = epsilon_of(definition);
  SymbolicTensor x = activated_convolution(input, {.prefix = "stem_",
                                                   .filters = kEfficientNetStemFilters,
                                                   .kernel_size = 3,
                                                   .stride = 2,
                                                   .epsilon = epsilon,
                                                   .relu6 = true,
                                                   .pads_itself = true,
                                                   .definition = definition});
  for (std::size_t i = 0; i < kEfficientNetStages.size(); ++i) {
    const EfficientNetStage& stage = kEfficientNetStages[i];
    const bool deepens = i != 0 && i + 1 != kEfficientNetStages.size();
    const int blocks = deepens ? static_cast<int>(std::ceil(stage.blocks * variant.depth)) : stage.blocks;
    for (int j = 0; j < blocks; ++j) {
      x = mb_conv(x, {.prefix = cat("block", i + 1, static_cast<char>('a' + j), "_"),
                      .kernel_size = stage.kernel_size,
                      .stride = j == 0 ? stage.stride : 1,
                      .expansion = stage.expansion,
                      .filters = make_divisible(static_cast<double>(stage.filters) * variant.width),
                      .epsilon = epsilon,
                      .pads_itself = true,
                      .relu6 = true,
                      .definition = definition});
    }
  }
  return activated_convolution(
      x, {.prefix = "top_", .filters = kEfficientNetHeadFilters, .epsilon = epsilon, .relu6 = true});
}

/// One file serves with and without the top.
PublishedWeights published(const Variant& variant, const ApplicationOptions&) {
  return published_file(std::string(variant.file));
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Start begun = start(variant.traits, options);
  const SymbolicTensor x =
      efficientnet_end(body(variant, begun.x, options.definition), options, variant.dropout);
  std::string name(variant.traits.name);
  std::erase(name, '_');  // as Keras: efficientnetb0
  return finish(variant.traits, options, begun, x,
                {.default_name = name, .published = published(variant, options), .published_top = true});
}

constexpr std::array kMembers{entry<kLite0, build, published>(), entry<kLite1, build, published>(),
                              entry<kLite2, build, published>(), entry<kLite3, build, published>(),
                              entry<kLite4, build, published>()};

}  // namespace
}  // namespace efficientnet_lite

std::span<const Application> efficientnet_lite_family() { return efficientnet_lite::kMembers; }

Model EfficientNetLite0(const ApplicationOptions& options) {
  return efficientnet_lite::build(efficientnet_lite::kLite0, options);
}
Model EfficientNetLite1(const ApplicationOptions& options) {
  return efficientnet_lite::build(efficientnet_lite::kLite1, options);
}
Model EfficientNetLite2(const ApplicationOptions& options) {
  return efficientnet_lite::build(efficientnet_lite::kLite2, options);
}
Model EfficientNetLite3(const ApplicationOptions& options) {
  return efficientnet_lite::build(efficientnet_lite::kLite3, options);
}
Model EfficientNetLite4(const ApplicationOptions& options) {
  return efficientnet_lite::build(efficientnet_lite::kLite4, options);
}

}  // namespace graft::applications
