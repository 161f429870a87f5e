// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"

#include "applications/families.hpp"
#include "applications/torch/blocks.hpp"

namespace graft::applications {
namespace torchvision_vgg {
namespace {

constexpr std::array<std::int64_t, 5> kFilters{64, 128, 256, 512, 512};

/// What sets one VGG apart: how many convolutions each block has, and whether they are normalised.
struct Variant {
  Traits traits;
  std::array<int, 5> convolutions;
  bool normalised;
  std::string_view file;
};

constexpr Traits traits(std::string_view name, std::string_view keras_name, Accuracy accuracy) {
  return {
      .name = name, .keras_name = keras_name, .preprocessing = Preprocessing::torch, .accuracy = accuracy};
}

// Accuracy: torchvision's IMAGENET1K_V1.
constexpr Variant kVgg11{traits("vgg11", "VGG11", {.top1 = 0.69020, .top5 = 0.88628}),
                         {1, 1, 2, 2, 2},
                         false,
                         "vgg11-8a719046.pth"};
constexpr Variant kVgg13{traits("vgg13", "VGG13", {.top1 = 0.69928, .top5 = 0.89246}),
                         {2, 2, 2, 2, 2},
                         false,
                         "vgg13-19584684.pth"};
constexpr Variant kVgg11Bn{traits("vgg11_bn", "VGG11_BN", {.top1 = 0.70370, .top5 = 0.89810}),
                           {1, 1, 2, 2, 2},
                           true,
                           "vgg11_bn-6002323d.pth"};
constexpr Variant kVgg13Bn{traits("vgg13_bn", "VGG13_BN", {.top1 = 0.71586, .top5 = 0.90374}),
                           {2, 2, 2, 2, 2},
                           true,
                           "vgg13_bn-abd245e5.pth"};
constexpr Variant kVgg16Bn{traits("vgg16_bn", "VGG16_BN", {.top1 = 0.73360, .top5 = 0.91516}),
                           {2, 2, 3, 3, 3},
                           true,
                           "vgg16_bn-6c64b313.pth"};
constexpr Variant kVgg19Bn{traits("vgg19_bn", "VGG19_BN", {.top1 = 0.74218, .top5 = 0.91842}),
                           {2, 2, 4, 4, 4},
                           true,
                           "vgg19_bn-c79401a0.pth"};

SymbolicTensor body(const Variant& variant, SymbolicTensor x) {
  int place = 0;
  const auto next = [&place] { return cat("features_", place++); };
  for (std::size_t block = 0; block < kFilters.size(); ++block) {
    for (int i = 0; i < variant.convolutions[block]; ++i) {
      x = torch_convolution(x, {.filters = kFilters[block], .kernel_size = 3, .padding = 1, .use_bias = true},
                            next());
      if (variant.normalised) x = torch_normalization(x, next());
      x = torch_relu(x, next());
    }
    x = torch_max_pooling(x, {.pool_size = 2}, next());
  }
  return x;
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Start begun = start(variant.traits, options);
  SymbolicTensor x = body(variant, begun.x);
  if (options.include_top) {
    x = torch_adaptive_pooling(x, 7, "avgpool");
    x = hidden_top(
        x, {.first_dropout = 2, .first_dense = 0, .second_dropout = 5, .second_dense = 3, .last_dense = 6},
        options);
  } else {
    x = pooled(x, options);
  }
  return finish(variant, options, begun, x);
}

constexpr std::array kMembers{entry<kVgg11, build, published>(),   entry<kVgg13, build, published>(),
                              entry<kVgg11Bn, build, published>(), entry<kVgg13Bn, build, published>(),
                              entry<kVgg16Bn, build, published>(), entry<kVgg19Bn, build, published>()};

}  // namespace
}  // namespace torchvision_vgg

std::span<const Application> torchvision_vgg_family() { return torchvision_vgg::kMembers; }

Model VGG11(const ApplicationOptions& options) {
  return torchvision_vgg::build(torchvision_vgg::kVgg11, options);
}
Model VGG13(const ApplicationOptions& options) {
  return torchvision_vgg::build(torchvision_vgg::kVgg13, options);
}
Model VGG11_BN(const ApplicationOptions& options) {
  return torchvision_vgg::build(torchvision_vgg::kVgg11Bn, options);
}
Model VGG13_BN(const ApplicationOptions& options) {
  return torchvision_vgg::build(torchvision_vgg::kVgg13Bn, options);
}
Model VGG16_BN(const ApplicationOptions& options) {
  return torchvision_vgg::build(torchvision_vgg::kVgg16Bn, options);
}
Model VGG19_BN(const ApplicationOptions& options) {
  return torchvision_vgg::build(torchvision_vgg::kVgg19Bn, options);
}

}  // namespace graft::applications
