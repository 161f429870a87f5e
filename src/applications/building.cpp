// SPDX-License-Identifier: Apache-2.0
#include "applications/building.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "graft/applications/weights_loader.hpp"
#include "graft/base/fail.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/reshaping.hpp"
#include "graft/weights_store.hpp"

namespace graft::applications {
namespace {

bool is_imagenet(const ApplicationOptions& options) { return options.weights == "imagenet"; }

WeightsLoader loader_of(const ApplicationOptions& options) {
  return options.weights_loader != nullptr ? options.weights_loader : installed_weights_loader();
}

void check_weights(const Traits& traits, const ApplicationOptions& options) {
  if (random_weights(options)) return;
  const std::string& activation = options.classifier_activation;
  if (options.include_top && activation != "softmax" && activation != "linear" && !activation.empty()) {
    fail(ErrorKind::invalid_argument, traits.keras_name, ": pretrained weights with the top need ",
         "classifier_activation softmax or linear, received ", activation);
  }
  if (is_imagenet(options) && options.include_top && options.classes != 1000) {
    fail(ErrorKind::invalid_argument, traits.keras_name,
         ": weights imagenet with the top have 1000 classes, ", "received classes = ", options.classes,
         "; leave out the top, or build it with weights none");
  }
  if (loader_of(options) == nullptr) {
    fail(ErrorKind::unsupported, traits.keras_name, ": weights '", options.weights,
         "' need a function that loads them: set weights_loader, link the whole library, or set weights to "
         "none");
  }
}

/// Arguments that not every application has, where they are not left at their defaults.
void check_extras(const Traits& traits, const ApplicationOptions& options) {
  struct Extra {
    bool known, given;
    const char* name;
  };
  const std::array<Extra, 6> extras{
      {{traits.has_alpha, options.alpha != 1.0, "alpha"},
       {traits.has_depth_multiplier, options.depth_multiplier != 1, "depth_multiplier"},
       {traits.has_dropout_rate, options.dropout_rate.has_value(), "dropout_rate"},
       {traits.has_torch_definition, options.definition != Definition::keras, "definition"},
       {traits.has_minimalistic, options.minimalistic, "minimalistic"},
       {traits.has_preprocessing, !options.include_preprocessing, "include_preprocessing"}}};
  for (const Extra& extra : extras) {
    if (extra.given && !extra.known) {
      fail(ErrorKind::invalid_argument, traits.keras_name, " has no argument ", extra.name, "; leave it out");
    }
  }
  if (options.depth_multiplier < 1 || options.depth_multiplier > 1024) {
    fail(ErrorKind::invalid_argument, traits.keras_name,
         ": depth_multiplier must be from 1 to 1024, received ", options.depth_multiplier);
  }
  const double rate = options.dropout_rate.value_or(0);
  if (!(rate >= 0 && rate < 1)) {
    fail(ErrorKind::invalid_argument, traits.keras_name, ": dropout_rate must be at least 0 and below 1, ",
         "received ", rate);
  }
}

void check_options(const Traits& traits, const ApplicationOptions& options) {
  if (options.classes < 1) {
    fail(ErrorKind::invalid_argument, traits.keras_name, ": classes must be at least 1, received ",
         options.classes);
  }
  if (!options.pooling.empty() && options.pooling != "avg" && options.pooling != "max") {
    fail(ErrorKind::invalid_argument, traits.keras_name, ": pooling is empty, avg or max; received ",
         options.pooling);
  }
  check_extras(traits, options);
  // The upper end only keeps the sums of filters within 64 bits.
  if (!(options.alpha > 0 && options.alpha <= 100)) {
    fail(ErrorKind::invalid_argument, traits.keras_name, ": alpha must be above 0 and at most 100, received ",
         options.alpha);
  }
  check_weights(traits, options);
}

void check_given_shape(const Traits& traits, const Shape& shape, bool imagenet) {
  if (shape.rank() != 3) {
    fail(ErrorKind::invalid_argument, traits.keras_name, ": input_shape is (H, W, C), received ", shape);
  }
  for (const int axis : {0, 1}) {
    if (shape[axis] != -1 && shape[axis] < traits.min_size) {
      fail(ErrorKind::invalid_argument, traits.keras_name, ": the input must be at least ", traits.min_size,
           " x ", traits.min_size, ", received ", shape);
    }
  }
  if (shape[2] < 1 || (imagenet && shape[2] != 3)) {
    fail(ErrorKind::invalid_argument, traits.keras_name, ": the input must have ",
         imagenet ? "3 channels with weights imagenet" : "a known number of channels", ", received ", shape);
  }
}

/// The inputs that a tensor was computed from, each once, as found.
std::vector<SymbolicTensor> sources_of(const SymbolicTensor& tensor) {
  std::vector<SymbolicTensor> sources;
  std::vector<SymbolicTensor> open{tensor};
  std::set<std::pair<const layers::LayerBase*, int>> seen;
  while (!open.empty()) {
    const SymbolicTensor next = open.back();
    open.pop_back();
    if (!seen.insert({next.layer.get(), next.node}).second) continue;
    const auto& parents = next.layer->nodes().at(static_cast<std::size_t>(next.node)).inputs;
    if (parents.empty()) sources.push_back(next);
    open.insert(open.end(), parents.rbegin(), parents.rend());
  }
  return sources;
}

/// The shape of options.input_tensor, which options.input_shape may only repeat.
Shape tensor_shape(const Traits& traits, const ApplicationOptions& options) {
  const Shape whole = options.input_tensor->shape;
  Shape shape = whole.rank() == 4 ? whole.without_batch() : whole;
  if (whole.rank() != 4 || (options.input_shape.rank() != 0 && options.input_shape != shape)) {
    fail(ErrorKind::invalid_argument, traits.keras_name, ": input_tensor must be (N, H, W, C)",
         options.input_shape.rank() != 0 ? cat(" with input_shape ", options.input_shape) : "", ", received ",
         whole);
  }
  return shape;
}

}  // namespace

bool random_weights(const ApplicationOptions& options) {
  return options.weights.empty() || options.weights == "none";
}

Shape input_shape(const Traits& traits, const ApplicationOptions& options) {
  Shape given = options.input_tensor ? tensor_shape(traits, options) : options.input_shape;
  const bool imagenet = is_imagenet(options);
  if (given.rank() == 0) {
    if (!options.include_top || traits.any_size_with_top) return {-1, -1, 3};
    return {traits.default_size, traits.default_size, 3};
  }
  check_given_shape(traits, given, imagenet);
  if (!options.include_top || traits.any_size_with_top) return given;
  if (given[0] < 0 || given[1] < 0) {
    fail(ErrorKind::invalid_argument, traits.keras_name,
         ": with the top the input's height and width must be ", "known, received ", given);
  }
  const Shape expected{traits.default_size, traits.default_size, 3};
  if (imagenet && given != expected) {
    fail(ErrorKind::invalid_argument, traits.keras_name, ": weights imagenet with the top need input_shape ",
         expected, ", received ", given,
         "; for other sizes leave out the top, or build it with weights none");
  }
  return given;
}

PublishedWeights published_file(std::string file) {
  PublishedWeights weights{.file = std::move(file)};
  const PublishedFile* row = published_file_named(weights.file);
  if (row == nullptr) return weights;
  if (!row->urls.empty()) weights.url = row->urls.front();
  constexpr std::size_t kWholeSha256 = 64;
  weights.md5 = row->md5;
  if (row->sha256.size() == kWholeSha256) weights.sha256 = row->sha256;
  weights.python_package = row->package;
  return weights;
}

PublishedWeights tf_kernels_weights(const Traits& traits, bool include_top) {
  return published_file(
      cat(traits.name, "_weights_tf_dim_ordering_tf_kernels", include_top ? ".h5" : "_notop.h5"));
}

Start start(const Traits& traits, const ApplicationOptions& options) {
  check_options(traits, options);
  const Shape shape = input_shape(traits, options);
  if (options.input_tensor) return {sources_of(*options.input_tensor), *options.input_tensor};
  const SymbolicTensor input = Input(shape);
  return {{input}, input};
}

std::string activation_of_top(const ApplicationOptions& options) {
  return options.classifier_activation.empty() ? "linear" : options.classifier_activation;
}

SymbolicTensor classifier(const SymbolicTensor& x, const ApplicationOptions& options,
                          const Classifier& last) {
  return layers::Dense({.units = options.classes,
                        .activation = activation_of_top(options),
                        .kernel_initializer = last.initializer,
                        .name = last.name})(x);
}

SymbolicTensor last_activation(const SymbolicTensor& x, const ApplicationOptions& options) {
  return layers::Activation(activation_of_top(options), "predictions")(x);
}

SymbolicTensor pooled(const SymbolicTensor& x, const ApplicationOptions& options, const PoolingNames& names) {
  if (options.pooling == "avg") return layers::GlobalAveragePooling2D({.name = names.average})(x);
  if (options.pooling == "max") return layers::GlobalMaxPooling2D({.name = names.max})(x);
  return x;
}

SymbolicTensor average_and_classify(const SymbolicTensor& x, const ApplicationOptions& options,
                                    const PoolingNames& names) {
  if (!options.include_top) return pooled(x, options, names);
  return classifier(layers::GlobalAveragePooling2D({.name = "avg_pool"})(x), options);
}

Model finish(const Traits& traits, const ApplicationOptions& options, const Start& begun,
             const SymbolicTensor& x, const Finish& last) {
  Model model(begun.inputs, {x}, options.name.empty() ? last.default_name : options.name);
  if (!random_weights(options)) {
    loader_of(options)(model, {.weights = options.weights,
                               .application = std::string(traits.name),
                               .options = &options,
                               .published = last.published,
                               .published_top = last.published_top});
  }
  return model;
}

Shape given_shape(const ApplicationOptions& options) {
  if (!options.input_tensor) return options.input_shape;
  const Shape& shape = options.input_tensor->shape;
  return shape.rank() == 4 ? shape.without_batch() : Shape{};
}

std::int64_t published_size(const Shape& input, std::span<const std::int64_t> sizes) {
  const bool own =
      input.rank() == 3 && input[0] == input[1] && std::ranges::find(sizes, input[0]) != sizes.end();
  return own ? input[0] : 224;
}

std::string name_with_size(const std::string& family, const ApplicationOptions& options, std::int64_t rows) {
  std::array<char, 32> alpha{};
  std::snprintf(alpha.data(), alpha.size(), "%.2f", options.alpha);
  return cat(family, "_", alpha.data(), "_", rows < 0 ? std::string("None") : cat(rows));
}

SymbolicTensor relu6(const SymbolicTensor& x, const std::string& name) {
  return layers::ReLU({.max_value = 6, .name = name})(x);
}

std::int64_t make_divisible(double value, std::int64_t divisor) {
  const auto step = static_cast<double>(divisor);
  const auto nearest = static_cast<std::int64_t>(value + step / 2) / divisor * divisor;
  const std::int64_t result = std::max(divisor, nearest);
  return static_cast<double>(result) < 0.9 * value ? result + divisor : result;
}

SymbolicTensor pad_for_stride2(const SymbolicTensor& x, std::int64_t kernel_size, const std::string& name) {
  const auto before = [&](int axis) {
    const bool even = x.shape[axis] < 0 || x.shape[axis] % 2 == 0;
    return kernel_size / 2 - (even ? 1 : 0);
  };
  return layers::ZeroPadding2D({.top = before(1),
                                .bottom = kernel_size / 2,
                                .left = before(2),
                                .right = kernel_size / 2,
                                .name = name})(x);
}

SymbolicTensor pad_for_stride2(const SymbolicTensor& x, std::int64_t kernel_size, const std::string& name,
                               Definition definition) {
  if (definition == Definition::keras) return pad_for_stride2(x, kernel_size, name);
  return layers::ZeroPadding2D(Size2D(kernel_size / 2), name)(x);
}

}  // namespace graft::applications
