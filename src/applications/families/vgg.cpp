// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/convolutional.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/reshaping.hpp"

#include "applications/building.hpp"
#include "applications/families.hpp"

namespace graft::applications {
namespace vgg {
namespace {

constexpr std::array<std::int64_t, 5> kFilters{64, 128, 256, 512, 512};

/// What sets one VGG apart: how many convolutions each block has.
struct Variant {
  Traits traits;
  std::array<int, 5> convolutions{};
};

// Accuracy: https://keras.io/api/applications/
constexpr Variant kVgg16{.traits = {.name = "vgg16",
                                    .keras_name = "VGG16",
                                    .has_torch_definition = true,
                                    .preprocessing = Preprocessing::caffe,
                                    .accuracy = {.top1 = 0.713, .top5 = 0.901}},
                         .convolutions = {2, 2, 3, 3, 3}};
constexpr Variant kVgg19{.traits = {.name = "vgg19",
                                    .keras_name = "VGG19",
                                    .has_torch_definition = true,
                                    .preprocessing = Preprocessing::caffe,
                                    .accuracy = {.top1 = 0.713, .top5 = 0.900}},
                         .convolutions = {2, 2, 4, 4, 4}};

SymbolicTensor body(const Variant& variant, SymbolicTensor x) {
  for (std::size_t block = 0; block < kFilters.size(); ++block) {
    const std::string prefix = cat("block", block + 1, "_");
    for (int i = 0; i < variant.convolutions[block]; ++i) {
      x = layers::Conv2D({.filters = kFilters[block],
                          .kernel_size = 3,
                          .padding = Padding::same,
                          .activation = "relu",
                          .name = cat(prefix, "conv", i + 1)})(x);
    }
    x = layers::MaxPooling2D({.pool_size = 2, .strides = 2, .name = prefix + "pool"})(x);
  }
  return x;
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Start begun = start(variant.traits, options);
  SymbolicTensor x = body(variant, begun.x);
  if (options.include_top) {
    x = layers::Flatten({.name = "flatten"})(x);
    x = layers::Dense({.units = 4096, .activation = "relu", .name = "fc1"})(x);
    x = layers::Dense({.units = 4096, .activation = "relu", .name = "fc2"})(x);
    x = classifier(x, options);
  } else {
    x = pooled(x, options);
  }
  return finish(variant, options, begun, x);
}

constexpr std::array kMembers{entry<kVgg16, build, published>(), entry<kVgg19, build, published>()};

}  // namespace
}  // namespace vgg

std::span<const Application> vgg_family() { return vgg::kMembers; }

Model VGG16(const ApplicationOptions& options) { return vgg::build(vgg::kVgg16, options); }
Model VGG19(const ApplicationOptions& options) { return vgg::build(vgg::kVgg19, options); }

}  // namespace graft::applications
