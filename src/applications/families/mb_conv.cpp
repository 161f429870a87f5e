// SPDX-License-Identifier: Apache-2.0
#include "applications/families/mb_conv.hpp"

#include <algorithm>

#include "graft/layers/convolutional.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/normalization.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/regularization.hpp"
#include "graft/layers/reshaping.hpp"

#include "applications/building.hpp"

namespace graft::applications {
namespace {

using layers::Conv2D;

SymbolicTensor normalised(const SymbolicTensor& x, const MbConv& block, const std::string& name) {
  return layers::BatchNormalization(
      {.momentum = block.momentum, .epsilon = block.epsilon, .name = block.prefix + name})(x);
}

SymbolicTensor activated(const SymbolicTensor& x, bool relu6, const std::string& name) {
  return relu6 ? applications::relu6(x, name) : layers::Activation("swish", name)(x);
}

bool has_padding_layer(std::int64_t stride, bool pads_itself, Definition definition) {
  return stride == 2 && (pads_itself || definition != Definition::keras);
}

SymbolicTensor depthwise(const SymbolicTensor& input, const MbConv& block) {
  SymbolicTensor x = input;
  const bool pads = has_padding_layer(block.stride, block.pads_itself, block.definition);
  if (pads) x = pad_for_stride2(x, block.kernel_size, block.prefix + "dwconv_pad", block.definition);
  x = layers::DepthwiseConv2D({.kernel_size = block.kernel_size,
                               .strides = block.stride,
                               .padding = pads ? Padding::valid : Padding::same,
                               .use_bias = false,
                               .depthwise_initializer = kConvolutionInitializer,
                               .name = block.prefix + (block.pads_itself ? "dwconv" : "dwconv2")})(x);
  return activated(normalised(x, block, "bn"), block.relu6, block.prefix + "activation");
}

/// Squeeze-and-excitation: channels weighed by what the whole image shows.
SymbolicTensor excited(const SymbolicTensor& x, std::int64_t squeezed, const MbConv& block) {
  const std::int64_t channels = x.shape[3];
  const auto convolved = [&](const SymbolicTensor& weights, std::int64_t filters, const char* activation,
                             const char* name) {
    return Conv2D({.filters = filters,
                   .kernel_size = 1,
                   .padding = Padding::same,
                   .activation = activation,
                   .kernel_initializer = kConvolutionInitializer,
                   .name = block.prefix + name})(weights);
  };
  SymbolicTensor weights = layers::GlobalAveragePooling2D({.name = block.prefix + "se_squeeze"})(x);
  weights = layers::Reshape({.target_shape = {1, 1, channels}, .name = block.prefix + "se_reshape"})(weights);
  weights = convolved(weights, squeezed, "swish", "se_reduce");
  weights = convolved(weights, channels, "sigmoid", "se_expand");
  return layers::Multiply(block.prefix + "se_excite")({x, weights});
}

/// The narrowing convolution, normalised.
SymbolicTensor projected(const SymbolicTensor& x, const MbConv& block, Size2D kernel_size, Size2D strides) {
  const SymbolicTensor narrow = Conv2D({.filters = block.filters,
                                        .kernel_size = kernel_size,
                                        .strides = strides,
                                        .padding = Padding::same,
                                        .use_bias = false,
                                        .kernel_initializer = kConvolutionInitializer,
                                        .name = block.prefix + "project_conv"})(x);
  return normalised(narrow, block, "project_bn");
}

/// The way past the block, where the shapes allow it.
SymbolicTensor with_residual(const SymbolicTensor& input, const SymbolicTensor& output, const MbConv& block) {
  if (block.stride != 1 || input.shape[3] != block.filters) return output;
  SymbolicTensor x = output;
  if (block.drop_rate > 0) {
    x = layers::Dropout(
        {.rate = block.drop_rate, .noise_shape = Shape{-1, 1, 1, 1}, .name = block.prefix + "drop"})(x);
  }
  return layers::Add(block.prefix + "add")({x, input});
}

}  // namespace

SymbolicTensor activated_convolution(const SymbolicTensor& input, const ActivatedConvolution& options) {
  SymbolicTensor x = input;
  const bool pads = has_padding_layer(options.stride, options.pads_itself, options.definition);
  if (pads) x = pad_for_stride2(x, options.kernel_size, options.prefix + "conv_pad", options.definition);
  x = Conv2D({.filters = options.filters,
              .kernel_size = options.kernel_size,
              .strides = options.stride,
              .padding = pads ? Padding::valid : Padding::same,
              .use_bias = false,
              .kernel_initializer = kConvolutionInitializer,
              .name = options.prefix + "conv"})(x);
  x = layers::BatchNormalization(
      {.momentum = options.momentum, .epsilon = options.epsilon, .name = options.prefix + "bn"})(x);
  return activated(x, options.relu6, options.prefix + "activation");
}

SymbolicTensor mb_conv(const SymbolicTensor& input, const MbConv& block) {
  const std::int64_t channels = input.shape[3];
  SymbolicTensor x = input;
  if (block.expansion != 1) {
    x = activated_convolution(x, {.prefix = block.prefix + "expand_",
                                  .filters = block.expansion * channels,
                                  .momentum = block.momentum,
                                  .epsilon = block.epsilon,
                                  .relu6 = block.relu6});
  }
  x = depthwise(x, block);
  if (block.squeeze > 0) {
    const auto squeezed = static_cast<std::int64_t>(static_cast<double>(channels) * block.squeeze);
    x = excited(x, std::max<std::int64_t>(1, squeezed), block);
  }
  return with_residual(input, projected(x, block, 1, 1), block);
}

SymbolicTensor fused_mb_conv(const SymbolicTensor& input, const MbConv& block) {
  SymbolicTensor x = input;
  if (block.expansion == 1) {
    x = projected(x, block, block.kernel_size, block.stride);
    x = activated(x, block.relu6, block.prefix + "project_activation");
  } else {
    x = activated_convolution(x, {.prefix = block.prefix + "expand_",
                                  .filters = block.expansion * input.shape[3],
                                  .kernel_size = block.kernel_size,
                                  .stride = block.stride,
                                  .momentum = block.momentum,
                                  .epsilon = block.epsilon,
                                  .relu6 = block.relu6,
                                  .definition = block.definition});
    x = projected(x, block, 1, 1);
  }
  return with_residual(input, x, block);
}

SymbolicTensor efficientnet_end(const SymbolicTensor& features, const ApplicationOptions& options,
                                double dropout_rate) {
  if (!options.include_top) return pooled(features, options, {.average = "avg_pool", .max = "max_pool"});
  SymbolicTensor x = layers::GlobalAveragePooling2D({.name = "avg_pool"})(features);
  x = layers::Dropout({.rate = dropout_rate, .name = "top_dropout"})(x);
  return classifier(x, options, {.initializer = kClassifierInitializer});
}

}  // namespace graft::applications
