// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/registry.hpp"

#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/layers.hpp"

namespace graft::layers {
namespace {

constexpr std::array kRegistry = {
    LayerClass{"Activation", activation_from_config},
    LayerClass{"Add", add_from_config},
    LayerClass{"Average", average_from_config},
    LayerClass{"AveragePooling2D", average_pooling2d_from_config},
    LayerClass{"BatchNormalization", batch_normalization_from_config},
    LayerClass{"CenterCrop", center_crop_from_config},
    LayerClass{"Concatenate", concatenate_from_config},
    LayerClass{"Conv2D", conv2d_from_config},
    LayerClass{"Conv2DTranspose", conv2d_transpose_from_config},
    LayerClass{"Cropping2D", cropping2d_from_config},
    LayerClass{"CustomScaleLayer", custom_scale_from_config},
    LayerClass{"Dense", dense_from_config},
    LayerClass{"DepthwiseConv2D", depthwise_conv2d_from_config},
    LayerClass{"Dropout", dropout_from_config},
    LayerClass{"ELU", elu_from_config},
    LayerClass{"Flatten", flatten_from_config},
    LayerClass{"GaussianNoise", gaussian_noise_from_config},
    LayerClass{"GlobalAveragePooling2D", global_average_pooling2d_from_config},
    LayerClass{"GlobalMaxPooling2D", global_max_pooling2d_from_config},
    LayerClass{"GroupNormalization", group_normalization_from_config},
    LayerClass{"InputLayer", input_layer_from_config},
    LayerClass{"LayerNormalization", layer_normalization_from_config},
    LayerClass{"LayerScale", layer_scale_from_config},
    LayerClass{"LeakyReLU", leaky_relu_from_config},
    LayerClass{"MaxPooling2D", max_pooling2d_from_config},
    LayerClass{"Maximum", maximum_from_config},
    LayerClass{"Minimum", minimum_from_config},
    LayerClass{"Multiply", multiply_from_config},
    LayerClass{"Normalization", normalization_from_config},
    LayerClass{"PReLU", prelu_from_config},
    LayerClass{"Permute", permute_from_config},
    LayerClass{"RMSNormalization", rms_normalization_from_config},
    LayerClass{"RandomBrightness", random_brightness_from_config},
    LayerClass{"RandomContrast", random_contrast_from_config},
    LayerClass{"RandomCrop", random_crop_from_config},
    LayerClass{"RandomFlip", random_flip_from_config},
    LayerClass{"RandomRotation", random_rotation_from_config},
    LayerClass{"RandomTranslation", random_translation_from_config},
    LayerClass{"RandomZoom", random_zoom_from_config},
    LayerClass{"ReLU", relu_from_config},
    LayerClass{"Rescaling", rescaling_from_config},
    LayerClass{"Reshape", reshape_from_config},
    LayerClass{"Resizing", resizing_from_config},
    LayerClass{"SeparableConv2D", separable_conv2d_from_config},
    LayerClass{"Softmax", softmax_from_config},
    LayerClass{"SpatialDropout2D", spatial_dropout2d_from_config},
    LayerClass{"StochasticDepth", stochastic_depth_from_config},
    LayerClass{"Subtract", subtract_from_config},
    LayerClass{"UnitNormalization", unit_normalization_from_config},
    LayerClass{"UpSampling2D", up_sampling2d_from_config},
    LayerClass{"ZeroPadding2D", zero_padding2d_from_config},
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

std::span<const LayerClass> registry() { return kRegistry; }

Layer from_config(std::string_view class_name, const Json& config) {
  const auto found = std::ranges::find(kRegistry, class_name, &LayerClass::class_name);
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
