// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"

#include "applications/families.hpp"
#include "applications/torch/blocks.hpp"

namespace graft::applications {
namespace alexnet {
namespace {

struct Variant {
  Traits traits;
  std::string_view file;
};
// Accuracy and size: torchvision's IMAGENET1K_V1.
constexpr Variant kAlexNet{.traits = {.name = "alexnet",
                                      .keras_name = "AlexNet",
                                      .min_size = 63,
                                      .preprocessing = Preprocessing::torch,
                                      .accuracy = {.top1 = 0.56522, .top5 = 0.79066}},
                           .file = "alexnet-owt-7be5be79.pth"};

/// A convolution and its ReLU, at this place of the Sequential "features", and the next.
SymbolicTensor convolution(const SymbolicTensor& x, TorchConvolution options, int place) {
  options.use_bias = true;
  return torch_relu(torch_convolution(x, options, cat("features_", place)), cat("features_", place + 1));
}

SymbolicTensor body(const SymbolicTensor& input) {
  SymbolicTensor x = convolution(input, {.filters = 64, .kernel_size = 11, .strides = 4, .padding = 2}, 0);
  x = torch_max_pooling(x, {}, "features_2");
  x = convolution(x, {.filters = 192, .kernel_size = 5, .padding = 2}, 3);
  x = torch_max_pooling(x, {}, "features_5");
  x = convolution(x, {.filters = 384, .kernel_size = 3, .padding = 1}, 6);
  x = convolution(x, {.filters = 256, .kernel_size = 3, .padding = 1}, 8);
  x = convolution(x, {.filters = 256, .kernel_size = 3, .padding = 1}, 10);
  return torch_max_pooling(x, {}, "features_12");
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Start begun = start(variant.traits, options);
  SymbolicTensor x = body(begun.x);
  if (options.include_top) {
    x = torch_adaptive_pooling(x, 6, "avgpool");
    x = hidden_top(
        x, {.first_dropout = 0, .first_dense = 1, .second_dropout = 3, .second_dense = 4, .last_dense = 6},
        options);
  } else {
    x = pooled(x, options);
  }
  return finish(variant, options, begun, x);
}

constexpr std::array kMembers{entry<kAlexNet, build, published>()};

}  // namespace
}  // namespace alexnet

std::span<const Application> alexnet_family() { return alexnet::kMembers; }

Model AlexNet(const ApplicationOptions& options) { return alexnet::build(alexnet::kAlexNet, options); }

}  // namespace graft::applications
