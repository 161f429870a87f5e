// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/convolutional.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/normalization.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/reshaping.hpp"

#include "applications/building.hpp"
#include "applications/families.hpp"

namespace graft::applications {
namespace densenet {
namespace {

/// What sets one DenseNet apart: layers of its four dense blocks.
struct Variant {
  Traits traits;
  std::array<int, 4> blocks{};
};

constexpr Traits traits(std::string_view name, std::string_view keras_name, Accuracy accuracy) {
  return {.name = name,
          .keras_name = keras_name,
          .has_torch_definition = true,
          .preprocessing = Preprocessing::torch,
          .accuracy = accuracy};
}

// Accuracy: https://keras.io/api/applications/
constexpr Variant kDenseNet121{.traits = traits("densenet121", "DenseNet121", {.top1 = 0.750, .top5 = 0.923}),
                               .blocks = {6, 12, 24, 16}};
constexpr Variant kDenseNet169{.traits = traits("densenet169", "DenseNet169", {.top1 = 0.762, .top5 = 0.932}),
                               .blocks = {6, 12, 32, 32}};
constexpr Variant kDenseNet201{.traits = traits("densenet201", "DenseNet201", {.top1 = 0.773, .top5 = 0.936}),
                               .blocks = {6, 12, 48, 32}};

/// Channels that each layer of a dense block adds.
constexpr std::int64_t kGrowth = 32;

/// BatchNormalization and ReLU. The epsilon is all that sets PyTorch's definition apart.
class Normalising {
 public:
  explicit Normalising(Definition definition) : epsilon_(definition == Definition::keras ? 1.001e-5 : 1e-5) {}
  [[nodiscard]] SymbolicTensor operator()(const SymbolicTensor& x, const std::string& bn,
                                          const std::string& relu) const {
    return layers::Activation("relu", relu)(layers::BatchNormalization({.epsilon = epsilon_, .name = bn})(x));
  }

 private:
  double epsilon_;
};

SymbolicTensor pointwise(const SymbolicTensor& x, std::int64_t filters, const std::string& name) {
  return layers::Conv2D({.filters = filters, .kernel_size = 1, .use_bias = false, .name = name})(x);
}

/// Each layer sees what all before it made, joined.
SymbolicTensor dense_block(SymbolicTensor x, int count, const std::string& name,
                           const Normalising& activated) {
  for (int i = 1; i <= count; ++i) {
    const std::string prefix = cat(name, "_block", i);
    SymbolicTensor added = activated(x, prefix + "_0_bn", prefix + "_0_relu");
    added = pointwise(added, 4 * kGrowth, prefix + "_1_conv");
    added = activated(added, prefix + "_1_bn", prefix + "_1_relu");
    added = layers::Conv2D({.filters = kGrowth,
                            .kernel_size = 3,
                            .padding = Padding::same,
                            .use_bias = false,
                            .name = prefix + "_2_conv"})(added);
    x = layers::Concatenate({.axis = 3, .name = prefix + "_concat"})({x, added});
  }
  return x;
}

/// Half the channels, half the size.
SymbolicTensor transition(SymbolicTensor x, const std::string& name, const Normalising& activated) {
  x = activated(x, name + "_bn", name + "_relu");
  x = pointwise(x, x.shape[3] / 2, name + "_conv");
  return layers::AveragePooling2D({.pool_size = 2, .strides = 2, .name = name + "_pool"})(x);
}

SymbolicTensor body(const Variant& variant, const SymbolicTensor& input, Definition definition) {
  const Normalising activated(definition);
  SymbolicTensor x = layers::ZeroPadding2D(3)(input);
  x = layers::Conv2D(
      {.filters = 64, .kernel_size = 7, .strides = 2, .use_bias = false, .name = "conv1_conv"})(x);
  x = activated(x, "conv1_bn", "conv1_relu");
  x = layers::ZeroPadding2D(1)(x);
  x = layers::MaxPooling2D({.pool_size = 3, .strides = 2, .name = "pool1"})(x);
  for (std::size_t i = 0; i < variant.blocks.size(); ++i) {
    if (i != 0) x = transition(x, cat("pool", i + 1), activated);
    x = dense_block(x, variant.blocks[i], cat("conv", i + 2), activated);
  }
  return activated(x, "bn", "relu");
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Start begun = start(variant.traits, options);
  const SymbolicTensor x = average_and_classify(body(variant, begun.x, options.definition), options,
                                                {.average = "avg_pool", .max = "max_pool"});
  return finish(variant, options, begun, x);
}

constexpr std::array kMembers{entry<kDenseNet121, build, published>(),
                              entry<kDenseNet169, build, published>(),
                              entry<kDenseNet201, build, published>()};

}  // namespace
}  // namespace densenet

std::span<const Application> densenet_family() { return densenet::kMembers; }

Model DenseNet121(const ApplicationOptions& options) {
  return densenet::build(densenet::kDenseNet121, options);
}
Model DenseNet169(const ApplicationOptions& options) {
  return densenet::build(densenet::kDenseNet169, options);
}
Model DenseNet201(const ApplicationOptions& options) {
  return densenet::build(densenet::kDenseNet201, options);
}

}  // namespace graft::applications
