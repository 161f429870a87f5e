// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/convolutional.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/normalization.hpp"

#include "applications/building.hpp"
#include "applications/families.hpp"
#include "applications/families/inception_blocks.hpp"

namespace graft::applications {
namespace inception_resnet_v2 {
namespace {

struct Variant {
  Traits traits;
};
// Accuracy: https://keras.io/api/applications/
constexpr Variant kInceptionResNetV2{.traits = {.name = "inception_resnet_v2",
                                                .keras_name = "InceptionResNetV2",
                                                .default_size = 299,
                                                .min_size = 75,
                                                .has_torch_definition = true,
                                                .preprocessing = Preprocessing::tf,
                                                .torch_preprocessing = Preprocessing::tf,
                                                .accuracy = {.top1 = 0.803, .top5 = 0.953}}};

/// An inception block whose result, scaled, is added to what came in. In PyTorch's definition all
/// normalisations have gammas; nothing else differs.
struct Residual {
  std::vector<std::vector<Unit>> chains;
  double scale = 1;
  bool relu = true;
  std::string name;
  Definition definition = Definition::keras;
};

SymbolicTensor residual_block(const SymbolicTensor& input, const Residual& block) {
  SymbolicTensor x =
      branch(input, {.chains = block.chains, .name = block.name + "_mixed", .definition = block.definition});
  x = layers::Conv2D(
      {.filters = input.shape[3], .kernel_size = 1, .padding = Padding::same, .name = block.name + "_conv"})(
      x);
  x = layers::CustomScaleLayer(block.scale)({input, x});
  return block.relu ? layers::Activation("relu", block.name + "_ac")(x) : x;
}

SymbolicTensor blocks_35(SymbolicTensor x, Definition definition) {
  for (int i = 1; i <= 10; ++i) {
    x = residual_block(x, {.chains = {{{32}}, {{32}, {32, 3}}, {{32}, {48, 3}, {64, 3}}},
                           .scale = 0.17,
                           .name = cat("block35_", i),
                           .definition = definition});
  }
  return x;
}

SymbolicTensor blocks_17(SymbolicTensor x, Definition definition) {
  for (int i = 1; i <= 20; ++i) {
    x = residual_block(x, {.chains = {{{192}}, {{128}, {160, Size2D{1, 7}}, {192, Size2D{7, 1}}}},
                           .scale = 0.1,
                           .name = cat("block17_", i),
                           .definition = definition});
  }
  return x;
}

SymbolicTensor blocks_8(SymbolicTensor x, Definition definition) {
  constexpr int kLast = 10;
  for (int i = 1; i <= kLast; ++i) {
    x = residual_block(x, {.chains = {{{192}}, {{192}, {224, Size2D{1, 3}}, {256, Size2D{3, 1}}}},
                           .scale = i == kLast ? 1.0 : 0.2,
                           .relu = i != kLast,
                           .name = cat("block8_", i),
                           .definition = definition});
  }
  return x;
}

SymbolicTensor body(const SymbolicTensor& input, Definition definition) {
  SymbolicTensor x = inception_stem(input, definition);
  x = branch(x, {.chains = {{{96}}, {{48}, {64, 5}}, {{64}, {96, 3}, {96, 3}}},
                 .average_pool_filters = 64,
                 .name = "mixed_5b",
                 .definition = definition});
  x = blocks_35(x, definition);
  x = branch(x, {.chains = {{halving(384)}, {{256}, {256, 3}, halving(384)}},
                 .max_pool = true,
                 .name = "mixed_6a",
                 .definition = definition});
  x = blocks_17(x, definition);
  x = branch(x, {.chains = {{{256}, halving(384)}, {{256}, halving(288)}, {{256}, {288, 3}, halving(320)}},
                 .max_pool = true,
                 .name = "mixed_7a",
                 .definition = definition});
  x = blocks_8(x, definition);
  x = layers::Conv2D(
      {.filters = 1536, .kernel_size = 1, .padding = Padding::same, .use_bias = false, .name = "conv_7b"})(x);
  x = layers::BatchNormalization({.scale = definition != Definition::keras, .name = "conv_7b_bn"})(x);
  return layers::Activation("relu", "conv_7b_ac")(x);
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Start begun = start(variant.traits, options);
  const SymbolicTensor x = average_and_classify(body(begun.x, options.definition), options);
  return finish(variant, options, begun, x);
}

constexpr std::array kMembers{entry<kInceptionResNetV2, build, published>()};

}  // namespace
}  // namespace inception_resnet_v2

std::span<const Application> inception_resnet_v2_family() { return inception_resnet_v2::kMembers; }

Model InceptionResNetV2(const ApplicationOptions& options) {
  return inception_resnet_v2::build(inception_resnet_v2::kInceptionResNetV2, options);
}

}  // namespace graft::applications
