// SPDX-License-Identifier: Apache-2.0
// A class of layers: its field list, the base class that holds its options, and its row in the registry.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "graft/base/fields.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/registry.hpp"

#include "layers/codecs.hpp"

namespace graft::layers {

/// A config whose errors begin with "config of layer 'NAME'".
[[nodiscard]] ConfigReader layer_reader(const Json& config);

/// The row of a class with these fields and this function that makes it. check throws for configs that graft
/// cannot represent and that no single field shows.
template <const auto& kFields, auto kMake, void (*kCheck)(const ConfigReader&) = nullptr>
[[nodiscard]] constexpr LayerClass layer_class(std::string_view class_name) {
  return {.class_name = class_name,
          .from_config =
              [](const Json& config) {
                const ConfigReader reader = layer_reader(config);
                if constexpr (kCheck != nullptr) kCheck(reader);
                auto options = read_options(kFields, reader);
                options.name = reader.text("name", "");
                return kMake(std::move(options));
              },
          .reference = [] { return reference_table(kFields); }};
}

namespace detail {
template <typename Options, std::size_t kCount>
Options options_of(const FieldArray<Options, kCount>&);
}  // namespace detail
/// The struct that a field list is about.
template <const auto& kFields>
using OptionsOf = decltype(detail::options_of(kFields));

/// A layer whose config is its options. The struct has a member `name`.
template <const auto& kFields>
class OptionsLayer : public LayerBase {
 public:
  using Options = OptionsOf<kFields>;
  OptionsLayer(const char* class_name, Options options)
      : LayerBase(class_name, options.name), options_(std::move(options)) {
    for (const Field& field : kFields.items) {
      if (field.listed_only) set_rule(field.key, field.write(&options_).template get<std::string>());
    }
  }
  [[nodiscard]] Json own_config() const override { return write_options(kFields, options_); }

 protected:
  [[nodiscard]] const Options& options() const { return options_; }

 private:
  Options options_;
};

/// Options of a class that has none.
struct NoOptions {
  std::string name;
};
inline constexpr auto kNoFields = fields<NoOptions>();
/// A function that makes a layer of a name only, as layer_class needs it.
template <Layer (*kMake)(const std::string&)>
[[nodiscard]] Layer make_named(const NoOptions& options) {
  return kMake(options.name);
}

// The classes, each defined beside its layer and listed in registry.cpp.
extern const LayerClass kActivationClass, kAddClass, kAverageClass, kAveragePooling2DClass,
    kBatchNormalizationClass, kCenterCropClass, kConcatenateClass, kConv2DClass, kConv2DTransposeClass,
    kCropping2DClass, kCustomScaleLayerClass, kDenseClass, kDepthwiseConv2DClass, kDropoutClass, kELUClass,
    kFlattenClass, kGaussianNoiseClass, kGlobalAveragePooling2DClass, kGlobalMaxPooling2DClass,
    kGroupNormalizationClass, kInputLayerClass, kLayerNormalizationClass, kLayerScaleClass, kLeakyReLUClass,
    kMaxPooling2DClass, kMaximumClass, kMinimumClass, kMultiplyClass, kNormalizationClass, kPReLUClass,
    kPermuteClass, kRMSNormalizationClass, kRandomBrightnessClass, kRandomContrastClass, kRandomCropClass,
    kRandomFlipClass, kRandomRotationClass, kRandomTranslationClass, kRandomZoomClass, kReLUClass,
    kRepeatVectorClass, kRescalingClass, kReshapeClass, kResizingClass, kSeparableConv2DClass, kSoftmaxClass,
    kSpatialDropout2DClass, kStochasticDepthClass, kSubtractClass, kUnitNormalizationClass,
    kUpSampling2DClass, kZeroPadding2DClass;

}  // namespace graft::layers
