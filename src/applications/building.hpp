// SPDX-License-Identifier: Apache-2.0
// Shared by the builders of all families: Keras's checks of the arguments, the input, the head, the weights.
#pragma once

#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "graft/applications.hpp"
#include "graft/tensor.hpp"

namespace graft::applications {

/// Properties of an application that do not depend on its options.
struct Traits {
  std::string_view name;        ///< "vgg16"
  std::string_view keras_name;  ///< "VGG16"
  std::int64_t default_size = 224;
  std::int64_t min_size = 32;
  bool any_size_with_top = false;  ///< its classifier accepts any size, also with published weights
  bool has_alpha = false;
  bool has_depth_multiplier = false;
  bool has_dropout_rate = false;
  bool has_minimalistic = false;
  bool has_preprocessing = false;  ///< as separate layers, which include_preprocessing = false omits
  bool has_torch_definition = false;
  Preprocessing preprocessing = Preprocessing::none;
  Preprocessing torch_preprocessing = Preprocessing::torch;  ///< in PyTorch's definition
  Accuracy accuracy{};
};

/// The row of data/weights.tsv with this file name: its address, hash and package. Only the name where there
/// is none.
[[nodiscard]] PublishedWeights published_file(std::string file);
/// Most of Keras's files: NAME_weights_tf_dim_ordering_tf_kernels[_notop].h5.
[[nodiscard]] PublishedWeights tf_kernels_weights(const Traits& traits, bool include_top);

/// A family's constant whose published weights are Keras's usual files.
template <typename Variant>
concept HasTraits = requires(const Variant& variant) {
  { variant.traits } -> std::same_as<const Traits&>;
};
[[nodiscard]] PublishedWeights published(const HasTraits auto& variant, const ApplicationOptions& options) {
  return tf_kernels_weights(variant.traits, options.include_top);
}

/// A family's constant whose published weights are one file of torchvision's, a PyTorch state_dict with the
/// top.
template <typename Variant>
concept HasTorchvisionFile = HasTraits<Variant> && requires(const Variant& variant) {
  { variant.file } -> std::same_as<const std::string_view&>;
};
[[nodiscard]] PublishedWeights published(const HasTorchvisionFile auto& variant, const ApplicationOptions&) {
  return published_file(std::string(variant.file));
}

/// One row of the catalogue: a family's constant with a member `traits`, and the family's two functions.
template <const auto& kVariant,
          Model (*kBuild)(const std::remove_cvref_t<decltype(kVariant)>&, const ApplicationOptions&),
          PublishedWeights (*kPublished)(const std::remove_cvref_t<decltype(kVariant)>&,
                                         const ApplicationOptions&)>
[[nodiscard]] constexpr Application entry() {
  const Traits& traits = kVariant.traits;
  return {.name = traits.name,
          .keras_name = traits.keras_name,
          .default_size = traits.default_size,
          .preprocessing = traits.preprocessing,
          .accuracy = traits.accuracy,
          .has_torch_definition = traits.has_torch_definition,
          .torch_preprocessing = traits.torch_preprocessing,
          .build = [](const ApplicationOptions& options) -> Model { return kBuild(kVariant, options); },
          .published_weights = [](const ApplicationOptions& options) -> PublishedWeights {
            return kPublished(kVariant, options);
          }};
}

/// The start of a network: its inputs and the input of its first layer.
struct Start {
  std::vector<SymbolicTensor> inputs;
  SymbolicTensor x;
};

/// Checks the options as Keras does and makes the input. Throws Error{invalid_argument} or Error{unsupported}
/// naming the application.
[[nodiscard]] Start start(const Traits& traits, const ApplicationOptions& options);

/// The input shape (H, W, C) of the options, checked; open axes -1.
[[nodiscard]] Shape input_shape(const Traits& traits, const ApplicationOptions& options);

/// options.classifier_activation, linear where it is empty.
[[nodiscard]] std::string activation_of_top(const ApplicationOptions& options);

/// The last Dense.
struct Classifier {
  std::string name = "predictions";
  std::string initializer = "glorot_uniform";
};
[[nodiscard]] SymbolicTensor classifier(const SymbolicTensor& x, const ApplicationOptions& options,
                                        const Classifier& last = {});

/// options.classifier_activation as a layer, "predictions", where the classifier is a convolution.
[[nodiscard]] SymbolicTensor last_activation(const SymbolicTensor& x, const ApplicationOptions& options);

/// Pooling by options.pooling, for a network without its top. Empty names: automatic ones.
struct PoolingNames {
  std::string average, max;
};
[[nodiscard]] SymbolicTensor pooled(const SymbolicTensor& x, const ApplicationOptions& options,
                                    const PoolingNames& names = {});

/// With the top: GlobalAveragePooling2D "avg_pool" and the classifier; without: pooled().
[[nodiscard]] SymbolicTensor average_and_classify(const SymbolicTensor& x, const ApplicationOptions& options,
                                                  const PoolingNames& names = {});

/// Makes the model and loads the weights that the options name.
struct Finish {
  std::string default_name;
  PublishedWeights published;
  bool published_top = true;
};
[[nodiscard]] Model finish(const Traits& traits, const ApplicationOptions& options, const Start& begun,
                           const SymbolicTensor& x, const Finish& last);

/// The same for a variant of Keras's usual files; the model's default name is the application's.
[[nodiscard]] Model finish(const HasTraits auto& variant, const ApplicationOptions& options,
                           const Start& begun, const SymbolicTensor& x) {
  return finish(variant.traits, options, begun, x,
                {.default_name = std::string(variant.traits.name),
                 .published = published(variant, options),
                 .published_top = options.include_top});
}

/// The same for a variant of torchvision's: its published file always has the top.
[[nodiscard]] Model finish(const HasTorchvisionFile auto& variant, const ApplicationOptions& options,
                           const Start& begun, const SymbolicTensor& x) {
  return finish(variant.traits, options, begun, x,
                {.default_name = std::string(variant.traits.name), .published = published(variant, options)});
}

/// Whether the options name no pretrained weights.
[[nodiscard]] bool random_weights(const ApplicationOptions& options);

/// options.input_tensor's shape or options.input_shape, unchecked; rank 0 where neither is given.
[[nodiscard]] Shape given_shape(const ApplicationOptions& options);

/// For families published at several sizes: the size whose weights fit best, the input's own or 224.
[[nodiscard]] std::int64_t published_size(const Shape& input, std::span<const std::int64_t> sizes);

/// The model's name of such a family: "mobilenetv2_1.00_160"; None for an open height.
[[nodiscard]] std::string name_with_size(const std::string& family, const ApplicationOptions& options,
                                         std::int64_t rows);

/// ReLU cut off at 6.
[[nodiscard]] SymbolicTensor relu6(const SymbolicTensor& x, const std::string& name);

/// value to the nearest multiple of divisor, at least divisor, and not more than a tenth below value
/// (MobileNetV2, EfficientNet).
[[nodiscard]] std::int64_t make_divisible(double value, std::int64_t divisor = 8);

/// ZeroPadding2D before a valid convolution of stride 2 so that both together pad as TensorFlow's "same"
/// does: an even size gets one row less above. An open size counts as even, as in Keras.
[[nodiscard]] SymbolicTensor pad_for_stride2(const SymbolicTensor& x, std::int64_t kernel_size,
                                             const std::string& name);
/// The same in Keras's definition; in PyTorch's, kernel_size / 2 at all sides.
[[nodiscard]] SymbolicTensor pad_for_stride2(const SymbolicTensor& x, std::int64_t kernel_size,
                                             const std::string& name, Definition definition);

}  // namespace graft::applications
