// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/registry.hpp"

#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/layer_base.hpp"
#include "graft/layers/layers.hpp"

namespace graft::layers {
namespace {

constexpr std::array kRegistry = {
    RegistryEntry{"Activation", activation_from_config},
    RegistryEntry{"Add", add_from_config},
    RegistryEntry{"Average", average_from_config},
    RegistryEntry{"AveragePooling2D", average_pooling2d_from_config},
    RegistryEntry{"BatchNormalization", batch_normalization_from_config},
    RegistryEntry{"CenterCrop", center_crop_from_config},
    RegistryEntry{"Concatenate", concatenate_from_config},
    RegistryEntry{"Conv2D", conv2d_from_config},
    RegistryEntry{"Conv2DTranspose", conv2d_transpose_from_config},
    RegistryEntry{"Cropping2D", cropping2d_from_config},
    RegistryEntry{"CustomScaleLayer", custom_scale_from_config},
    RegistryEntry{"Dense", dense_from_config},
    RegistryEntry{"DepthwiseConv2D", depthwise_conv2d_from_config},
    RegistryEntry{"Dropout", dropout_from_config},
    RegistryEntry{"ELU", elu_from_config},
    RegistryEntry{"Flatten", flatten_from_config},
    RegistryEntry{"GaussianNoise", gaussian_noise_from_config},
    RegistryEntry{"GlobalAveragePooling2D", global_average_pooling2d_from_config},
    RegistryEntry{"GlobalMaxPooling2D", global_max_pooling2d_from_config},
    RegistryEntry{"GroupNormalization", group_normalization_from_config},
    RegistryEntry{"InputLayer", input_layer_from_config},
    RegistryEntry{"LayerNormalization", layer_normalization_from_config},
    RegistryEntry{"LayerScale", layer_scale_from_config},
    RegistryEntry{"LeakyReLU", leaky_relu_from_config},
    RegistryEntry{"MaxPooling2D", max_pooling2d_from_config},
    RegistryEntry{"Maximum", maximum_from_config},
    RegistryEntry{"Minimum", minimum_from_config},
    RegistryEntry{"Multiply", multiply_from_config},
    RegistryEntry{"Normalization", normalization_from_config},
    RegistryEntry{"PReLU", prelu_from_config},
    RegistryEntry{"Permute", permute_from_config},
    RegistryEntry{"RMSNormalization", rms_normalization_from_config},
    RegistryEntry{"RandomBrightness", random_brightness_from_config},
    RegistryEntry{"RandomContrast", random_contrast_from_config},
    RegistryEntry{"RandomCrop", random_crop_from_config},
    RegistryEntry{"RandomFlip", random_flip_from_config},
    RegistryEntry{"RandomRotation", random_rotation_from_config},
    RegistryEntry{"RandomTranslation", random_translation_from_config},
    RegistryEntry{"RandomZoom", random_zoom_from_config},
    RegistryEntry{"ReLU", relu_from_config},
    RegistryEntry{"Rescaling", rescaling_from_config},
    RegistryEntry{"Reshape", reshape_from_config},
    RegistryEntry{"Resizing", resizing_from_config},
    RegistryEntry{"SeparableConv2D", separable_conv2d_from_config},
    RegistryEntry{"Softmax", softmax_from_config},
    RegistryEntry{"SpatialDropout2D", spatial_dropout2d_from_config},
    RegistryEntry{"StochasticDepth", stochastic_depth_from_config},
    RegistryEntry{"Subtract", subtract_from_config},
    RegistryEntry{"UnitNormalization", unit_normalization_from_config},
    RegistryEntry{"UpSampling2D", up_sampling2d_from_config},
    RegistryEntry{"ZeroPadding2D", zero_padding2d_from_config},
};

}  // namespace

std::string_view why_unknown(std::string_view class_name) {
  if (class_name == "Lambda") {
    return "whose function is Python code inside the file: graft runs no code from files. In Keras, put a "
           "layer that says what it does in its place (Rescaling, Activation, Permute, Reshape, Multiply "
           "...) and save the model again";
  }
  for (const std::string_view change : {"MixUp", "CutMix", "RandomErasing", "RandAugment"}) {
    if (class_name == change) {
      return "which graft has as a change of training batches (FitOptions::augment, graft train --augment), "
             "not as a layer: save the model without it, it does nothing in inference";
    }
  }
  return "which graft does not know";
}

std::span<const RegistryEntry> registry() { return kRegistry; }

Layer from_config(std::string_view class_name, const Json& config) {
  const auto found = std::ranges::find(kRegistry, class_name, &RegistryEntry::class_name);
  if (found == kRegistry.end()) {
    fail(ErrorKind::unsupported, "layer '", config.value("name", "?"), "' is a ", class_name, ", ",
         why_unknown(class_name));
  }
  Layer layer = found->from_config(config);
  if (config.contains("trainable") && config["trainable"].is_boolean())
    layer.set_trainable(config["trainable"]);
  layer.base()->read_rules(config);
  return layer;
}

}  // namespace graft::layers
