// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/convolutional.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/normalization.hpp"
#include "graft/layers/operation.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/preprocessing.hpp"

#include "applications/building.hpp"
#include "applications/families.hpp"

namespace graft::applications {
namespace convnext {
namespace {

struct Variant {
  Traits traits;
  std::array<int, 4> blocks{};  ///< of each stage
  std::array<std::int64_t, 4> filters{};
};

constexpr Traits traits(std::string_view name, std::string_view keras_name, double top1) {
  return {.name = name, .keras_name = keras_name, .has_preprocessing = true, .accuracy = {.top1 = top1}};
}

// Accuracy: https://keras.io/api/applications/
constexpr Variant kTiny{.traits = traits("convnext_tiny", "ConvNeXtTiny", 0.813),
                        .blocks = {3, 3, 9, 3},
                        .filters = {96, 192, 384, 768}};
constexpr Variant kSmall{.traits = traits("convnext_small", "ConvNeXtSmall", 0.823),
                         .blocks = {3, 3, 27, 3},
                         .filters = {96, 192, 384, 768}};
constexpr Variant kBase{.traits = traits("convnext_base", "ConvNeXtBase", 0.853),
                        .blocks = {3, 3, 27, 3},
                        .filters = {128, 256, 512, 1024}};
constexpr Variant kLarge{.traits = traits("convnext_large", "ConvNeXtLarge", 0.863),
                         .blocks = {3, 3, 27, 3},
                         .filters = {192, 384, 768, 1536}};
constexpr Variant kXLarge{.traits = traits("convnext_xlarge", "ConvNeXtXLarge", 0.867),
                          .blocks = {3, 3, 27, 3},
                          .filters = {256, 512, 1024, 2048}};

constexpr double kLayerScale = 1e-6;

Layer normalisation(const std::string& name = "") {
  return layers::LayerNormalization({.epsilon = 1e-6, .name = name});
}

/// A convolution of patches that do not overlap.
Layer patches(std::int64_t filters, std::int64_t size, const std::string& name) {
  return layers::Conv2D({.filters = filters, .kernel_size = size, .strides = size, .name = name});
}

SymbolicTensor normalised_pixels(const SymbolicTensor& x, const std::string& name) {
  constexpr double kWhite = 255;
  const auto squared = [](double deviation) { return deviation * kWhite * (deviation * kWhite); };
  return layers::Normalization({.mean = {0.485 * kWhite, 0.456 * kWhite, 0.406 * kWhite},
                                .variance = {squared(0.229), squared(0.224), squared(0.225)},
                                .name = name})(x);
}

/// What makes the image smaller before a stage: two layers in a nested model.
SymbolicTensor shrunk(const SymbolicTensor& x, std::size_t stage, std::int64_t filters,
                      const std::string& name) {
  const Layer input = layers::InputLayer({.shape = x.shape.without_batch()});
  if (stage == 0) {
    return Sequential(
        {input, patches(filters, 4, name + "_stem_conv"), normalisation(name + "_stem_layernorm")},
        name + "_stem")(x);
  }
  const std::size_t number = stage - 1;
  return Sequential({input, normalisation(cat(name, "_downsampling_layernorm_", number)),
                     patches(filters, 2, cat(name, "_downsampling_conv_", number))},
                    cat(name, "_downsampling_block_", number))(x);
}

SymbolicTensor block(const SymbolicTensor& input, const std::string& name) {
  const std::int64_t filters = input.shape[3];
  SymbolicTensor x = layers::Conv2D({.filters = filters,
                                     .kernel_size = 7,
                                     .padding = Padding::same,
                                     .groups = filters,
                                     .name = name + "_depthwise_conv"})(input);
  x = normalisation(name + "_layernorm")(x);
  x = layers::Dense({.units = 4 * filters, .name = name + "_pointwise_conv_1"})(x);
  x = layers::Activation("gelu", name + "_gelu")(x);
  x = layers::Dense({.units = filters, .name = name + "_pointwise_conv_2"})(x);
  x = layers::LayerScale(
      {.init_values = kLayerScale, .projection_dim = filters, .name = name + "_layer_scale"})(x);
  // StochasticDepth's place; Keras's applications leave it out.
  return input + layers::Activation("linear", name + "_identity")(x);
}

SymbolicTensor body(const Variant& variant, SymbolicTensor x, const std::string& name) {
  for (std::size_t stage = 0; stage < variant.blocks.size(); ++stage) {
    x = shrunk(x, stage, variant.filters[stage], name);
    for (int i = 0; i < variant.blocks[stage]; ++i) x = block(x, cat(name, "_stage_", stage, "_block_", i));
  }
  return x;
}

SymbolicTensor top(const SymbolicTensor& features, const ApplicationOptions& options,
                   const std::string& name) {
  const SymbolicTensor x = layers::GlobalAveragePooling2D({.name = name + "_head_gap"})(features);
  return classifier(normalisation(name + "_head_layernorm")(x), options, {.name = name + "_head_dense"});
}

PublishedWeights published(const Variant& variant, const ApplicationOptions& options) {
  return published_file(cat(variant.traits.name, options.include_top ? ".h5" : "_notop.h5"));
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const std::string name = options.name.empty() ? std::string(variant.traits.name) : options.name;
  if (options.weights == "imagenet" && name.find(variant.traits.name) == std::string::npos) {
    fail(ErrorKind::invalid_argument, variant.traits.keras_name,
         ": with weights imagenet the name must hold '", variant.traits.name,
         "', by which the layers are found; received ", name);
  }
  const Start begun = start(variant.traits, options);
  SymbolicTensor x = begun.x;
  if (options.include_preprocessing && x.shape[3] == 3)
    x = normalised_pixels(x, name + "_prestem_normalization");
  x = body(variant, x, name);
  x = options.include_top ? top(x, options, name) : normalisation()(pooled(x, options));
  return finish(
      variant.traits, options, begun, x,
      {.default_name = name, .published = published(variant, options), .published_top = options.include_top});
}

constexpr std::array kMembers{entry<kBase, build, published>(), entry<kLarge, build, published>(),
                              entry<kSmall, build, published>(), entry<kTiny, build, published>(),
                              entry<kXLarge, build, published>()};

}  // namespace
}  // namespace convnext

std::span<const Application> convnext_family() { return convnext::kMembers; }

Model ConvNeXtTiny(const ApplicationOptions& options) { return convnext::build(convnext::kTiny, options); }
Model ConvNeXtSmall(const ApplicationOptions& options) { return convnext::build(convnext::kSmall, options); }
Model ConvNeXtBase(const ApplicationOptions& options) { return convnext::build(convnext::kBase, options); }
Model ConvNeXtLarge(const ApplicationOptions& options) { return convnext::build(convnext::kLarge, options); }
Model ConvNeXtXLarge(const ApplicationOptions& options) {
  return convnext::build(convnext::kXLarge, options);
}

}  // namespace graft::applications
