// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/convolutional.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/normalization.hpp"
#include "graft/layers/pooling.hpp"

#include "applications/building.hpp"
#include "applications/families.hpp"
#include "applications/torch/blocks.hpp"

namespace graft::applications {
namespace xception {
namespace {

struct Variant {
  Traits traits;
};
// Accuracy: https://keras.io/api/applications/
constexpr Variant kXception{.traits = {.name = "xception",
                                       .keras_name = "Xception",
                                       .default_size = 299,
                                       .min_size = 71,
                                       .has_torch_definition = true,
                                       .preprocessing = Preprocessing::tf,
                                       .torch_preprocessing = Preprocessing::tf,
                                       .accuracy = {.top1 = 0.790, .top5 = 0.945}}};

/// The network in one definition. timm's pads at all sides before pooling, and has PyTorch's epsilon.
class Builder {
 public:
  explicit Builder(Definition definition) : keras_(definition == Definition::keras) {}

  [[nodiscard]] SymbolicTensor body(const SymbolicTensor& input) const {
    SymbolicTensor x = stem(input);
    x = halving_block(x, 2, {128, 128});
    x = halving_block(x, 3, {256, 256});
    x = halving_block(x, 4, {728, 728});
    for (int number = 5; number <= 12; ++number) x = middle_block(x, number);
    x = halving_block(x, 13, {728, 1024});
    x = relu(separable(x, 1536, "block14_sepconv1"), "block14_sepconv1_act");
    return relu(separable(x, 2048, "block14_sepconv2"), "block14_sepconv2_act");
  }

 private:
  [[nodiscard]] static SymbolicTensor relu(const SymbolicTensor& x, const std::string& name) {
    return layers::Activation("relu", name)(x);
  }

  [[nodiscard]] SymbolicTensor normalised(const SymbolicTensor& x, const std::string& name = "") const {
    return layers::BatchNormalization({.epsilon = keras_ ? 1e-3 : 1e-5, .name = name})(x);
  }

  [[nodiscard]] SymbolicTensor separable(const SymbolicTensor& x, std::int64_t filters,
                                         const std::string& name) const {
    const SymbolicTensor result = layers::SeparableConv2D(
        {.filters = filters, .kernel_size = 3, .padding = Padding::same, .use_bias = false, .name = name})(x);
    return normalised(result, name + "_bn");
  }

  [[nodiscard]] SymbolicTensor stem(const SymbolicTensor& input) const {
    SymbolicTensor x = layers::Conv2D(
        {.filters = 32, .kernel_size = 3, .strides = 2, .use_bias = false, .name = "block1_conv1"})(input);
    x = relu(normalised(x, "block1_conv1_bn"), "block1_conv1_act");
    x = layers::Conv2D({.filters = 64, .kernel_size = 3, .use_bias = false, .name = "block1_conv2"})(x);
    return relu(normalised(x, "block1_conv2_bn"), "block1_conv2_act");
  }

  [[nodiscard]] SymbolicTensor halved(const SymbolicTensor& x, const std::string& name) const {
    if (!keras_) return torch_halving_max_pooling(x, name);
    return layers::MaxPooling2D({.pool_size = 3, .strides = 2, .padding = Padding::same, .name = name})(x);
  }

  /// Two separable convolutions and pooling to half the size, beside a 1 x 1 convolution. Block 2 follows a
  /// ReLU and has none before its first convolution.
  [[nodiscard]] SymbolicTensor halving_block(const SymbolicTensor& input, int number,
                                             std::array<std::int64_t, 2> filters) const {
    const std::string prefix = cat("block", number, "_");
    SymbolicTensor residual = layers::Conv2D(
        {.filters = filters[1], .kernel_size = 1, .strides = 2, .padding = Padding::same, .use_bias = false})(
        input);
    residual = normalised(residual);
    SymbolicTensor x = number == 2 ? input : relu(input, prefix + "sepconv1_act");
    x = separable(x, filters[0], prefix + "sepconv1");
    x = separable(relu(x, prefix + "sepconv2_act"), filters[1], prefix + "sepconv2");
    return layers::Add()({halved(x, prefix + "pool"), residual});
  }

  [[nodiscard]] SymbolicTensor middle_block(const SymbolicTensor& input, int number) const {
    SymbolicTensor x = input;
    for (int i = 1; i <= 3; ++i) {
      const std::string name = cat("block", number, "_sepconv", i);
      x = separable(relu(x, name + "_act"), 728, name);
    }
    return layers::Add()({x, input});
  }

  bool keras_;
};

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Start begun = start(variant.traits, options);
  if (options.definition != Definition::keras && begun.x.shape.without_batch().is_open()) {
    fail(ErrorKind::unsupported, variant.traits.keras_name,
         ": PyTorch's padding depends on the image's size: give ",
         "an input_shape with height and width, received ", begun.x.shape.without_batch());
  }
  const SymbolicTensor x = average_and_classify(Builder(options.definition).body(begun.x), options);
  return finish(variant, options, begun, x);
}

constexpr std::array kMembers{entry<kXception, build, published>()};

}  // namespace
}  // namespace xception

std::span<const Application> xception_family() { return xception::kMembers; }

Model Xception(const ApplicationOptions& options) { return xception::build(xception::kXception, options); }

}  // namespace graft::applications
