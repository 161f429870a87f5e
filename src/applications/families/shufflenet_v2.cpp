// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/reshaping.hpp"

#include "applications/families.hpp"
#include "applications/torch/blocks.hpp"

namespace graft::applications {
namespace shufflenet_v2 {
namespace {

/// What sets one ShuffleNetV2 apart: channels of its stages and of the last convolution.
struct Variant {
  Traits traits;
  std::array<std::int64_t, 3> stages;
  std::int64_t last;
  std::string_view file;
};

constexpr Traits traits(std::string_view name, std::string_view keras_name, Accuracy accuracy) {
  return {
      .name = name, .keras_name = keras_name, .preprocessing = Preprocessing::torch, .accuracy = accuracy};
}

// Accuracy: torchvision's IMAGENET1K_V1.
constexpr Variant kX05{traits("shufflenet_v2_x0_5", "ShuffleNetV2_x0_5", {.top1 = 0.60552, .top5 = 0.81746}),
                       {48, 96, 192},
                       1024,
                       "shufflenetv2_x0.5-f707e7126e.pth"};
constexpr Variant kX10{traits("shufflenet_v2_x1_0", "ShuffleNetV2_x1_0", {.top1 = 0.69362, .top5 = 0.88316}),
                       {116, 232, 464},
                       1024,
                       "shufflenetv2_x1-5666bf0f80.pth"};
constexpr Variant kX15{traits("shufflenet_v2_x1_5", "ShuffleNetV2_x1_5", {.top1 = 0.72996, .top5 = 0.91086}),
                       {176, 352, 704},
                       1024,
                       "shufflenetv2_x1_5-3c479a10.pth"};
constexpr Variant kX20{traits("shufflenet_v2_x2_0", "ShuffleNetV2_x2_0", {.top1 = 0.76230, .top5 = 0.93006}),
                       {244, 488, 976},
                       2048,
                       "shufflenetv2_x2_0-8be3c8ee.pth"};

constexpr std::array<int, 3> kUnits{4, 8, 4};

/// Convolution, batch normalisation and, but for depthwise ones, ReLU: three or two places of a Sequential.
SymbolicTensor convolution(const SymbolicTensor& x, const TorchConvolution& options,
                           const std::string& sequential, int place) {
  const auto at = [&](int offset) { return cat(sequential, "_", place + offset); };
  const SymbolicTensor y = torch_normalization(torch_convolution(x, options, at(0)), at(1));
  return options.groups > 1 ? y : torch_relu(y, at(2));
}

SymbolicTensor depthwise(const SymbolicTensor& x, std::int64_t strides, const std::string& sequential,
                         int place) {
  const std::int64_t channels = x.shape[3];
  return convolution(
      x, {.filters = channels, .kernel_size = 3, .strides = strides, .padding = 1, .groups = channels},
      sequential, place);
}

/// The left or right half of the channels.
SymbolicTensor half(const SymbolicTensor& x, bool right, const std::string& name) {
  const Shape image = x.shape.without_batch();
  const std::int64_t middle = image[2] / 2;
  SymbolicTensor y =
      layers::Reshape({.target_shape = {image[0] * image[1], image[2], 1}, .name = name + "_rows"})(x);
  y = layers::Cropping2D({.left = right ? middle : 0, .right = right ? 0 : middle, .name = name + "_crop"})(
      y);
  return layers::Reshape({.target_shape = {image[0], image[1], middle}, .name = name})(y);
}

/// Two images, whose channels then come by turns.
SymbolicTensor shuffled(const SymbolicTensor& a, const SymbolicTensor& b, const std::string& name) {
  const SymbolicTensor both = layers::Concatenate({.name = name + "_concat"})({a, b});
  const Shape image = both.shape.without_batch();
  SymbolicTensor y = layers::Reshape(
      {.target_shape = {image[0] * image[1], 2, image[2] / 2}, .name = name + "_groups"})(both);
  y = layers::Permute({.dims = {1, 3, 2}, .name = name + "_shuffle"})(y);
  return layers::Reshape({.target_shape = image, .name = name})(y);
}

/// Narrow, filter, widen: torchvision's branch2.
SymbolicTensor main_branch(const SymbolicTensor& input, std::int64_t filters, std::int64_t strides,
                           const std::string& name) {
  SymbolicTensor x = convolution(input, {.filters = filters}, name, 0);
  x = depthwise(x, strides, name, 3);
  return convolution(x, {.filters = filters}, name, 5);
}

SymbolicTensor unit(const SymbolicTensor& input, std::int64_t channels, bool halves,
                    const std::string& name) {
  const std::int64_t filters = channels / 2;
  if (!halves) {
    const SymbolicTensor kept = half(input, false, name + "_kept");
    const SymbolicTensor changed = half(input, true, name + "_split");
    return shuffled(kept, main_branch(changed, filters, 1, name + "_branch2"), name);
  }
  SymbolicTensor beside = depthwise(input, 2, name + "_branch1", 0);
  beside = convolution(beside, {.filters = filters}, name + "_branch1", 2);
  return shuffled(beside, main_branch(input, filters, 2, name + "_branch2"), name);
}

SymbolicTensor body(const Variant& variant, const SymbolicTensor& input) {
  SymbolicTensor x =
      convolution(input, {.filters = 24, .kernel_size = 3, .strides = 2, .padding = 1}, "conv1", 0);
  x = torch_max_pooling(x, {.padding = 1}, "maxpool");
  for (std::size_t stage = 0; stage < variant.stages.size(); ++stage) {
    for (int i = 0; i < kUnits[stage]; ++i)
      x = unit(x, variant.stages[stage], i == 0, cat("stage", stage + 2, "_", i));
  }
  return convolution(x, {.filters = variant.last}, "conv5", 0);
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  ApplicationOptions sized = options;
  const std::int64_t size = variant.traits.default_size;
  if (!options.input_tensor && options.input_shape.rank() == 0) sized.input_shape = {size, size, 3};
  const Start begun = start(variant.traits, sized);
  if (begun.x.shape[1] < 0 || begun.x.shape[2] < 0) {
    fail(ErrorKind::invalid_argument, variant.traits.keras_name,
         ": the input's height and width must be known, received ", begun.x.shape.without_batch(),
         "; its channels are shuffled by Keras's Reshape, which leaves one size open at most");
  }
  SymbolicTensor x = body(variant, begun.x);
  if (options.include_top) {
    x = torch_classifier(layers::GlobalAveragePooling2D({.name = "globalpool"})(x), options, "fc");
  } else {
    x = pooled(x, options, {.average = "globalpool"});
  }
  return finish(variant, sized, begun, x);
}

constexpr std::array kMembers{entry<kX05, build, published>(), entry<kX10, build, published>(),
                              entry<kX15, build, published>(), entry<kX20, build, published>()};

}  // namespace
}  // namespace shufflenet_v2

std::span<const Application> shufflenet_v2_family() { return shufflenet_v2::kMembers; }

Model ShuffleNetV2_x0_5(const ApplicationOptions& options) {
  return shufflenet_v2::build(shufflenet_v2::kX05, options);
}
Model ShuffleNetV2_x1_0(const ApplicationOptions& options) {
  return shufflenet_v2::build(shufflenet_v2::kX10, options);
}
Model ShuffleNetV2_x1_5(const ApplicationOptions& options) {
  return shufflenet_v2::build(shufflenet_v2::kX15, options);
}
Model ShuffleNetV2_x2_0(const ApplicationOptions& options) {
  return shufflenet_v2::build(shufflenet_v2::kX20, options);
}

}  // namespace graft::applications
