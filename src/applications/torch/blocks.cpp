// SPDX-License-Identifier: Apache-2.0
#include "applications/torch/blocks.hpp"

#include "graft/base/fail.hpp"
#include "graft/layers/convolutional.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/normalization.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/regularization.hpp"
#include "graft/layers/reshaping.hpp"

namespace graft::applications {

SymbolicTensor torch_convolution(const SymbolicTensor& x, const TorchConvolution& options,
                                 const std::string& name) {
  const bool same = options.strides == 1 && 2 * options.padding == options.kernel_size - 1;
  SymbolicTensor padded = x;
  if (!same && options.padding > 0) padded = layers::ZeroPadding2D(Size2D(options.padding), name + "_pad")(x);
  const Padding padding = same ? Padding::same : Padding::valid;
  if (options.groups > 1 && options.groups == x.shape[3] && options.filters == x.shape[3]) {
    return layers::DepthwiseConv2D({.kernel_size = options.kernel_size,
                                    .strides = options.strides,
                                    .padding = padding,
                                    .use_bias = options.use_bias,
                                    .name = name})(padded);
  }
  return layers::Conv2D({.filters = options.filters,
                         .kernel_size = options.kernel_size,
                         .strides = options.strides,
                         .padding = padding,
                         .groups = options.groups,
                         .use_bias = options.use_bias,
                         .name = name})(padded);
}

SymbolicTensor torch_max_pooling(const SymbolicTensor& x, const TorchMaxPooling& options,
                                 const std::string& name) {
  const bool same = options.strides == 1 && 2 * options.padding == options.pool_size - 1;
  const std::int64_t before = same ? 0 : options.padding;
  const std::int64_t after = before + (options.ceil_mode ? options.strides - 1 : 0);
  SymbolicTensor padded = x;
  if (after > 0) {
    padded = layers::ZeroPadding2D(
        {.top = before, .bottom = after, .left = before, .right = after, .name = name + "_pad"})(x);
  }
  return layers::MaxPooling2D({.pool_size = options.pool_size,
                               .strides = options.strides,
                               .padding = same ? Padding::same : Padding::valid,
                               .name = name})(padded);
}

namespace {

/// The first of the rows (axis 1) or columns (axis 2) once more before them, of an odd number the last too.
SymbolicTensor with_doubled_ends(const SymbolicTensor& x, int axis, const std::string& name) {
  const std::int64_t size = x.shape[axis];
  const auto only = [&](bool first, const char* what) {
    const std::int64_t before = first ? 0 : size - 1;
    const std::int64_t after = first ? size - 1 : 0;
    return layers::Cropping2D({.top = axis == 1 ? before : 0,
                               .bottom = axis == 1 ? after : 0,
                               .left = axis == 2 ? before : 0,
                               .right = axis == 2 ? after : 0,
                               .name = cat(name, what, axis)})(x);
  };
  std::vector<SymbolicTensor> parts{only(true, "_first_"), x};
  if (size % 2 != 0) parts.push_back(only(false, "_last_"));
  return layers::Concatenate({.axis = axis, .name = cat(name, "_pad_", axis)})(parts);
}

}  // namespace

SymbolicTensor torch_halving_max_pooling(const SymbolicTensor& x, const std::string& name) {
  const bool as_same = x.shape[1] % 2 != 0 && x.shape[2] % 2 != 0;
  const SymbolicTensor padded = as_same ? x : with_doubled_ends(with_doubled_ends(x, 1, name), 2, name);
  return layers::MaxPooling2D(
      {.pool_size = 3, .strides = 2, .padding = as_same ? Padding::same : Padding::valid, .name = name})(
      padded);
}

SymbolicTensor torch_normalization(const SymbolicTensor& x, const std::string& name, double epsilon) {
  return layers::BatchNormalization({.momentum = 0.9, .epsilon = epsilon, .name = name})(x);
}

SymbolicTensor torch_relu(const SymbolicTensor& x, const std::string& name) {
  return layers::ReLU({.name = name})(x);
}

SymbolicTensor torch_adaptive_pooling(const SymbolicTensor& x, std::int64_t size, const std::string& name) {
  const std::int64_t height = x.shape[1];
  const std::int64_t width = x.shape[2];
  const bool divides = height >= size && width >= size && height % size == 0 && width % size == 0;
  if (!divides || (height == size && width == size)) return x;
  return layers::AveragePooling2D({.pool_size = {height / size, width / size}, .name = name})(x);
}

SymbolicTensor hidden_top(const SymbolicTensor& x, const HiddenTop& places,
                          const ApplicationOptions& options) {
  const auto at = [](int place) { return cat("classifier_", place); };
  const auto dense = [&](const SymbolicTensor& input, int place) {
    return torch_relu(layers::Dense({.units = 4096, .name = at(place)})(input), at(place + 1));
  };
  const auto dropout = [&](const SymbolicTensor& input, int place) {
    return layers::Dropout({.rate = 0.5, .name = at(place)})(input);
  };
  SymbolicTensor y = layers::Flatten({.name = "flatten"})(x);
  // AlexNet drops before each Dense, VGG after each: the order is that of the places.
  const bool drops_first = places.first_dropout < places.first_dense;
  y = drops_first ? dense(dropout(y, places.first_dropout), places.first_dense)
                  : dropout(dense(y, places.first_dense), places.first_dropout);
  y = drops_first ? dense(dropout(y, places.second_dropout), places.second_dense)
                  : dropout(dense(y, places.second_dense), places.second_dropout);
  return torch_classifier(y, options, at(places.last_dense));
}

SymbolicTensor torch_classifier(const SymbolicTensor& x, const ApplicationOptions& options,
                                const std::string& name) {
  const std::string& activation = options.classifier_activation;
  return layers::Dense(
      {.units = options.classes, .activation = activation.empty() ? "linear" : activation, .name = name})(x);
}

}  // namespace graft::applications
