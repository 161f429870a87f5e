// SPDX-License-Identifier: Apache-2.0
#include "graft/applications/vgg.hpp"

#include <array>

#include "graft/base/error.hpp"
#include "graft/layers/conv2d.hpp"
#include "graft/layers/dense.hpp"
#include "graft/layers/flatten.hpp"
#include "graft/layers/max_pooling2d.hpp"

#include "applications/building.hpp"

namespace graft::applications {
namespace {

constexpr std::array<std::int64_t, 5> kFilters{64, 128, 256, 512, 512};

/// What sets one VGG apart: how many convolutions each block has, and its published files.
struct Variant {
  Traits traits;
  std::array<int, 5> convolutions;
};
constexpr Variant kVgg16{.traits = {.name = "vgg16", .keras_name = "VGG16"}, .convolutions = {2, 2, 3, 3, 3}};

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

Model build(const Variant& variant, const ApplicationOptions& options, const PublishedWeights& published) {
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
  return finish(variant.traits, options, begun, x,
                {.default_name = std::string(variant.traits.name),
                 .published = published,
                 .published_top = options.include_top});
}

}  // namespace

PublishedWeights vgg16_weights(const ApplicationOptions& options) {
  const std::string file =
      cat("vgg16_weights_tf_dim_ordering_tf_kernels", options.include_top ? ".h5" : "_notop.h5");
  return {
      .file = file,
      .url = "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/" + file,
      .md5 = options.include_top ? "64373286793e3c8b2b4e3219cbf3544b" : "6d6bbae143d832006294945121d1f1fc"};
}

Model VGG16(const ApplicationOptions& options) { return build(kVgg16, options, vgg16_weights(options)); }

}  // namespace graft::applications
