// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/core.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

constexpr auto kLeakyReLUFields =
    fields<LeakyReLUOptions>(field<&LeakyReLUOptions::negative_slope>("negative_slope").formerly("alpha"));
constexpr auto kELUFields = fields<ELUOptions>(field<&ELUOptions::alpha>("alpha"));

/// A layer that is one activation.
template <const auto& kFields>
class OneActivation final : public OptionsLayer<kFields> {
 public:
  OneActivation(const char* class_name, OptionsOf<kFields> given, const ops::Activation& activation)
      : OptionsLayer<kFields>(class_name, std::move(given)), activation_(activation) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return this->only_input(inputs, 0);
  }
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return context.graph.add(ops::ActivationForward{activation_}, inputs, context.graph.shape(inputs[0]));
  }

 private:
  ops::Activation activation_;
};

}  // namespace

Layer LeakyReLU(LeakyReLUOptions options) {
  const double slope = options.negative_slope;
  const ops::Activation activation{.kind = ops::ActivationKind::relu,
                                   .negative_slope = static_cast<float>(slope)};
  Layer layer(std::make_shared<OneActivation<kLeakyReLUFields>>("LeakyReLU", std::move(options), activation));
  if (!(slope >= 0)) {
    fail(ErrorKind::invalid_argument, "LeakyReLU '", layer.name(),
         "': expected a negative_slope of at least 0, received ", slope);
  }
  return layer;
}

Layer ELU(ELUOptions options) {
  const ops::Activation activation{.kind = ops::ActivationKind::elu,
                                   .alpha = static_cast<float>(options.alpha)};
  return Layer(std::make_shared<OneActivation<kELUFields>>("ELU", std::move(options), activation));
}

constinit const LayerClass kLeakyReLUClass = layer_class<kLeakyReLUFields, LeakyReLU>("LeakyReLU");
constinit const LayerClass kELUClass = layer_class<kELUFields, ELU>("ELU");

}  // namespace graft::layers
