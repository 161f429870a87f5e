// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/registry.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"

#include "layers/layer_class.hpp"
#include "layers/regularization/inference_identity.hpp"

namespace graft::layers {
namespace {

constexpr std::array kClasses{
    &kActivationClass,
    &kAddClass,
    &kAverageClass,
    &kAveragePooling2DClass,
    &kBatchNormalizationClass,
    &kCenterCropClass,
    &kConcatenateClass,
    &kConv2DClass,
    &kConv2DTransposeClass,
    &kCropping2DClass,
    &kCustomScaleLayerClass,
    &kDenseClass,
    &kDepthwiseConv2DClass,
    &kDropoutClass,
    &kELUClass,
    &kFlattenClass,
    &kGaussianNoiseClass,
    &kGlobalAveragePooling2DClass,
    &kGlobalMaxPooling2DClass,
    &kGroupNormalizationClass,
    &kInputLayerClass,
    &kLayerNormalizationClass,
    &kLayerScaleClass,
    &kLeakyReLUClass,
    &kMaxPooling2DClass,
    &kMaximumClass,
    &kMinimumClass,
    &kMultiplyClass,
    &kNormalizationClass,
    &kPReLUClass,
    &kPermuteClass,
    &kRMSNormalizationClass,
    &kRandomBrightnessClass,
    &kRandomContrastClass,
    &kRandomCropClass,
    &kRandomFlipClass,
    &kRandomRotationClass,
    &kRandomTranslationClass,
    &kRandomZoomClass,
    &kReLUClass,
    &kRepeatVectorClass,
    &kRescalingClass,
    &kReshapeClass,
    &kResizingClass,
    &kSeparableConv2DClass,
    &kSoftmaxClass,
    &kSpatialDropout2DClass,
    &kStochasticDepthClass,
    &kSubtractClass,
    &kUnitNormalizationClass,
    &kUpSampling2DClass,
    &kZeroPadding2DClass,
};

/// A class from register_layer().
struct CustomClass {
  std::string registered_name;
  LayerFromConfig from_config;
};

/// By class name.
struct CustomClasses {
  std::mutex mutex;
  std::map<std::string, CustomClass, std::less<>> classes;
};

CustomClasses& custom_classes() {
  static CustomClasses instance;
  return instance;
}

/// The class with this class name or registered name.
std::optional<CustomClass> find_custom(std::string_view name) {
  CustomClasses& all = custom_classes();
  const std::lock_guard lock(all.mutex);
  for (const auto& [class_name, custom] : all.classes)
    if (name == class_name || name == custom.registered_name) return custom;
  return std::nullopt;
}

const LayerClass* find_own(std::string_view class_name) {
  const auto found = std::ranges::find(registry(), class_name, &LayerClass::class_name);
  return found == registry().end() ? nullptr : &*found;
}

Layer make_layer(std::string_view class_name, const Json& config) {
  if (const LayerClass* own = find_own(class_name)) return own->from_config(config);
  if (const auto custom = find_custom(class_name)) return custom->from_config(config);
  fail(ErrorKind::unsupported, "layer '", layer_reader(config).text("name", "?"), "' is of the class ",
       class_name, ", ", why_unknown(class_name));
}

}  // namespace

void register_layer(const std::string& package, const std::string& class_name, LayerFromConfig from_config) {
  for (const std::string* name : {&package, &class_name}) {
    if (name->empty() || name->find('>') != std::string::npos) {
      fail(ErrorKind::invalid_argument,
           "register_layer: expected names without '>' that are not empty, received '", package, "' and '",
           class_name, "'");
    }
  }
  if (find_own(class_name) != nullptr) {
    fail(ErrorKind::invalid_argument, "register_layer: graft has a layer ", class_name,
         "; choose another name");
  }
  CustomClasses& all = custom_classes();
  const std::lock_guard lock(all.mutex);
  if (const auto known = all.classes.find(class_name); known != all.classes.end()) {
    fail(ErrorKind::invalid_argument, "register_layer: ", class_name, " is registered already, as ",
         known->second.registered_name);
  }
  all.classes[class_name] = {package + ">" + class_name, std::move(from_config)};
}

bool is_known(std::string_view name) { return find_own(name) != nullptr || find_custom(name).has_value(); }

std::string registered_name(std::string_view class_name) {
  if (find_own(class_name) != nullptr) return "";
  const auto custom = find_custom(class_name);
  return custom ? custom->registered_name : "";
}

std::string_view why_unknown(std::string_view class_name) {
  if (class_name == "Lambda") {
    return "whose function is Python code inside the file: graft runs no code from files. In Keras, put a "
           "layer that does the same in its place (Rescaling, Activation, Permute, Reshape, Multiply "
           "...) and save the model again";
  }
  return "which graft does not know; a C++ program can add a class with layers::register_layer()";
}

std::span<const LayerClass> registry() {
  static const std::vector<LayerClass> all = [] {
    const std::span<const LayerClass> identities = inference_identity_classes();
    std::vector<LayerClass> copies(identities.begin(), identities.end());
    for (const LayerClass* one : kClasses) copies.push_back(*one);
    std::ranges::sort(copies, {}, &LayerClass::class_name);
    return copies;
  }();
  return all;
}

Layer from_config(std::string_view class_name, const Json& config) {
  Layer layer = make_layer(class_name, config);
  if (config.contains("trainable") && config["trainable"].is_boolean())
    layer.set_trainable(config["trainable"]);
  layer.base()->read_rules(config);
  return layer;
}

}  // namespace graft::layers
