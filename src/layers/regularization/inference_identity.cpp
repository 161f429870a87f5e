// SPDX-License-Identifier: Apache-2.0
// Keras's layers that return their input in inference and do in training what graft cannot: a trained model
// with them can be used, edited and saved. The config is kept as the file has it.
#include "layers/regularization/inference_identity.hpp"

#include <array>
#include <utility>

#include "graft/base/fail.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

constexpr std::array kNames{"ActivityRegularization",
                            "AlphaDropout",
                            "AugMix",
                            "CutMix",
                            "GaussianDropout",
                            "Identity",
                            "MixUp",
                            "RandAugment",
                            "RandomColorDegeneration",
                            "RandomColorJitter",
                            "RandomElasticTransform",
                            "RandomErasing",
                            "RandomGaussianBlur",
                            "RandomGrayscale",
                            "RandomHeight",
                            "RandomHue",
                            "RandomInvert",
                            "RandomPerspective",
                            "RandomPosterization",
                            "RandomSaturation",
                            "RandomSharpness",
                            "RandomShear",
                            "RandomWidth",
                            "Solarization"};

class InferenceIdentity final : public LayerBase {
 public:
  InferenceIdentity(const char* class_name, const Json& config)
      : LayerBase(class_name, config.value("name", std::string())), config_(config) {
    for (const char* key : {"name", "trainable", "dtype"}) config_->erase(key);
  }

  /// Keras does not know the size after RandomHeight and RandomWidth.
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    Shape shape = only_input(inputs, 0);
    if (shape[0] < 0 && shape.rank() == 4 && class_name() == "RandomHeight") shape.set(1, -1);
    if (shape[0] < 0 && shape.rank() == 4 && class_name() == "RandomWidth") shape.set(2, -1);
    return shape;
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    if (context.training && !context.inference && class_name() != "Identity") {
      fail(ErrorKind::unsupported, class_name(), " '", name(),
           "' changes its input in training, which graft cannot do; it does nothing in inference. Remove it "
           "before training (graft edit, or remove_layer() in C++) and have the batches changed instead "
           "(FitOptions::augment, or the option augment of graft train)");
    }
    return inputs[0];
  }

  [[nodiscard]] Json own_config() const override { return config_; }

 private:
  JsonValue config_;
};

template <std::size_t kIndex>
Layer make(const Json& config) {
  return Layer(std::make_shared<InferenceIdentity>(kNames[kIndex], config));
}

std::string no_options() {
  return "| option | type | default |\n|---|---|---|\n\nOther options are kept as the file has them.\n";
}

template <std::size_t... kIndices>
constexpr auto classes_of(std::index_sequence<kIndices...>) {
  return std::array{LayerClass{kNames[kIndices], &make<kIndices>, &no_options}...};
}
constexpr auto kInferenceIdentities = classes_of(std::make_index_sequence<kNames.size()>());

}  // namespace

std::span<const LayerClass> inference_identity_classes() { return kInferenceIdentities; }

}  // namespace graft::layers
