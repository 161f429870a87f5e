// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/regularization.hpp"

#include "applications/families.hpp"
#include "applications/torch/blocks.hpp"

namespace graft::applications {
namespace squeezenet {
namespace {

/// What sets one SqueezeNet apart: its first convolution, and before which places of the Sequential
/// "features" it halves the image.
struct Variant {
  Traits traits;
  std::int64_t stem_filters, stem_kernel_size;
  std::array<int, 3> pooling_places;
  std::string_view file;
};
// Accuracy and size: torchvision's IMAGENET1K_V1.
constexpr Variant kVersion10{.traits = {.name = "squeezenet1_0",
                                        .keras_name = "SqueezeNet1_0",
                                        .preprocessing = Preprocessing::torch,
                                        .accuracy = {.top1 = 0.58092, .top5 = 0.80420}},
                             .stem_filters = 96,
                             .stem_kernel_size = 7,
                             .pooling_places = {2, 6, 11},
                             .file = "squeezenet1_0-b66bff10.pth"};
constexpr Variant kVersion11{.traits = {.name = "squeezenet1_1",
                                        .keras_name = "SqueezeNet1_1",
                                        .preprocessing = Preprocessing::torch,
                                        .accuracy = {.top1 = 0.58178, .top5 = 0.80624}},
                             .stem_filters = 64,
                             .stem_kernel_size = 3,
                             .pooling_places = {2, 5, 8},
                             .file = "squeezenet1_1-b8a52dc0.pth"};

/// Filters of the eight Fire modules: squeezed, and of each of the two that expand.
struct Fire {
  std::int64_t squeeze, expand;
};
constexpr std::array<Fire, 8> kFires{
    {{16, 64}, {16, 64}, {32, 128}, {32, 128}, {48, 192}, {48, 192}, {64, 256}, {64, 256}}};

SymbolicTensor activated(const SymbolicTensor& x, TorchConvolution options, const std::string& name) {
  options.use_bias = true;
  return torch_relu(torch_convolution(x, options, name), name + "_activation");
}

SymbolicTensor fire(const SymbolicTensor& input, const Fire& filters, const std::string& name) {
  const SymbolicTensor x = activated(input, {.filters = filters.squeeze}, name + "_squeeze");
  const SymbolicTensor small = activated(x, {.filters = filters.expand}, name + "_expand1x1");
  const SymbolicTensor large =
      activated(x, {.filters = filters.expand, .kernel_size = 3, .padding = 1}, name + "_expand3x3");
  return layers::Concatenate({.name = name})({small, large});
}

SymbolicTensor body(const Variant& variant, const SymbolicTensor& input) {
  const TorchConvolution stem{.filters = variant.stem_filters,
                              .kernel_size = variant.stem_kernel_size,
                              .strides = 2,
                              .use_bias = true};
  SymbolicTensor x = torch_relu(torch_convolution(input, stem, "features_0"), "features_1");
  int place = 2;
  for (const Fire& filters : kFires) {
    if (std::ranges::find(variant.pooling_places, place) != variant.pooling_places.end()) {
      x = torch_max_pooling(x, {.ceil_mode = true}, cat("features_", place));
      ++place;
    }
    x = fire(x, filters, cat("features_", place));
    ++place;
  }
  return x;
}

SymbolicTensor top(const SymbolicTensor& input, const ApplicationOptions& options) {
  SymbolicTensor x = layers::Dropout({.rate = 0.5, .name = "classifier_0"})(input);
  x = torch_convolution(x, {.filters = options.classes, .use_bias = true}, "classifier_1");
  x = layers::GlobalAveragePooling2D({.name = "classifier_3"})(torch_relu(x, "classifier_2"));
  const std::string& activation = options.classifier_activation;
  return activation.empty() || activation == "linear" ? x : layers::Activation(activation, "predictions")(x);
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Start begun = start(variant.traits, options);
  SymbolicTensor x = body(variant, begun.x);
  x = options.include_top ? top(x, options) : pooled(x, options);
  return finish(variant, options, begun, x);
}

constexpr std::array kMembers{entry<kVersion10, build, published>(), entry<kVersion11, build, published>()};

}  // namespace
}  // namespace squeezenet

std::span<const Application> squeezenet_family() { return squeezenet::kMembers; }

Model SqueezeNet1_0(const ApplicationOptions& options) {
  return squeezenet::build(squeezenet::kVersion10, options);
}
Model SqueezeNet1_1(const ApplicationOptions& options) {
  return squeezenet::build(squeezenet::kVersion11, options);
}

}  // namespace graft::applications
