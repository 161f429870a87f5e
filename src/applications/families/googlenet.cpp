// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "graft/applications.hpp"
#include "graft/error.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/regularization.hpp"

#include "applications/families.hpp"
#include "applications/torch/blocks.hpp"

namespace graft::applications {
namespace googlenet {
namespace {

struct Variant {
  Traits traits;
  std::string_view file;
};
// Accuracy and size: torchvision's IMAGENET1K_V1.
constexpr Variant kGoogLeNet{.traits = {.name = "googlenet",
                                        .keras_name = "GoogLeNet",
                                        .preprocessing = Preprocessing::tf,
                                        .accuracy = {.top1 = 0.69778, .top5 = 0.89530}},
                             .file = "googlenet-1378be20.pth"};

/// Convolution, batch normalisation and ReLU: torchvision's BasicConv2d.
SymbolicTensor convolution(const SymbolicTensor& x, const TorchConvolution& options,
                           const std::string& name) {
  const SymbolicTensor y = torch_convolution(x, options, name + "_conv");
  return torch_relu(torch_normalization(y, name + "_bn", 1e-3), name);
}

/// Filters of an inception module's four branches; the second and third first reduce their channels.
struct Inception {
  std::string_view name;
  std::int64_t first, second_reduced, second, third_reduced, third, fourth;
};
constexpr std::array<Inception, 2> kStage3{
    {{"inception3a", 64, 96, 128, 16, 32, 32}, {"inception3b", 128, 128, 192, 32, 96, 64}}};
constexpr std::array<Inception, 5> kStage4{{{"inception4a", 192, 96, 208, 16, 48, 64},
                                            {"inception4b", 160, 112, 224, 24, 64, 64},
                                            {"inception4c", 128, 128, 256, 24, 64, 64},
                                            {"inception4d", 112, 144, 288, 32, 64, 64},
                                            {"inception4e", 256, 160, 320, 32, 128, 128}}};
constexpr std::array<Inception, 2> kStage5{
    {{"inception5a", 256, 160, 320, 32, 128, 128}, {"inception5b", 384, 192, 384, 48, 128, 128}}};

SymbolicTensor inception(const SymbolicTensor& x, const Inception& filters) {
  const std::string name(filters.name);
  const SymbolicTensor first = convolution(x, {.filters = filters.first}, name + "_branch1");
  SymbolicTensor second = convolution(x, {.filters = filters.second_reduced}, name + "_branch2_0");
  second =
      convolution(second, {.filters = filters.second, .kernel_size = 3, .padding = 1}, name + "_branch2_1");
  SymbolicTensor third = convolution(x, {.filters = filters.third_reduced}, name + "_branch3_0");
  third = convolution(third, {.filters = filters.third, .kernel_size = 3, .padding = 1}, name + "_branch3_1");
  // With strides of 1 its ceil_mode changes nothing.
  SymbolicTensor fourth = torch_max_pooling(x, {.strides = 1, .padding = 1}, name + "_branch4_0");
  fourth = convolution(fourth, {.filters = filters.fourth}, name + "_branch4_1");
  return layers::Concatenate({.name = name})({first, second, third, fourth});
}

SymbolicTensor body(const SymbolicTensor& input) {
  SymbolicTensor x =
      convolution(input, {.filters = 64, .kernel_size = 7, .strides = 2, .padding = 3}, "conv1");
  x = torch_max_pooling(x, {.ceil_mode = true}, "maxpool1");
  x = convolution(x, {.filters = 64}, "conv2");
  x = convolution(x, {.filters = 192, .kernel_size = 3, .padding = 1}, "conv3");
  x = torch_max_pooling(x, {.ceil_mode = true}, "maxpool2");
  for (const Inception& filters : kStage3) x = inception(x, filters);
  x = torch_max_pooling(x, {.ceil_mode = true}, "maxpool3");
  for (const Inception& filters : kStage4) x = inception(x, filters);
  x = torch_max_pooling(x, {.pool_size = 2, .ceil_mode = true}, "maxpool4");
  for (const Inception& filters : kStage5) x = inception(x, filters);
  return x;
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Start begun = start(variant.traits, options);
  SymbolicTensor x = body(begun.x);
  if (options.include_top) {
    x = layers::GlobalAveragePooling2D({.name = "avgpool"})(x);
    x = layers::Dropout({.rate = 0.2, .name = "dropout"})(x);
    x = torch_classifier(x, options, "fc");
  } else {
    x = pooled(x, options, {.average = "avgpool"});
  }
  return finish(variant, options, begun, x);
}

constexpr std::array kMembers{entry<kGoogLeNet, build, published>()};

}  // namespace
}  // namespace googlenet

std::span<const Application> googlenet_family() { return googlenet::kMembers; }

Model GoogLeNet(const ApplicationOptions& options) {
  return googlenet::build(googlenet::kGoogLeNet, options);
}

}  // namespace graft::applications
