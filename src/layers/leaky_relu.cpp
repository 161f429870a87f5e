// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/activations.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

/// A layer that is one activation with one number.
class NumberedActivation final : public LayerBase {
 public:
  struct Number {
    const char* key;
    double value;
  };
  NumberedActivation(const char* class_name, const std::string& name, const Number& number,
                     const ops::Activation& activation)
      : LayerBase(class_name, name), number_(number), activation_(activation) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 0);
  }
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return context.graph.add(ops::ActivationForward{activation_}, inputs, context.graph.shape(inputs[0]));
  }
  [[nodiscard]] Json own_config() const override { return {{number_.key, number_.value}}; }

 private:
  Number number_;
  ops::Activation activation_;
};

}  // namespace

Layer LeakyReLU(LeakyReLUOptions options) {
  const ops::Activation activation{.kind = ops::ActivationKind::relu,
                                   .negative_slope = static_cast<float>(options.negative_slope)};
  Layer layer(std::make_shared<NumberedActivation>(
      "LeakyReLU", options.name, NumberedActivation::Number{"negative_slope", options.negative_slope},
      activation));
  if (!(options.negative_slope >= 0)) {
    fail(ErrorKind::invalid_argument, "LeakyReLU '", layer.name(),
         "': expected a negative_slope of at least 0, received ", options.negative_slope);
  }
  return layer;
}

Layer leaky_relu_from_config(const Json& config) {
  const Config reader(config);
  // Keras 2 calls it alpha.
  return LeakyReLU({.negative_slope = reader.number("negative_slope", reader.number("alpha", 0.3)),
                    .name = reader.name()});
}

Layer ELU(ELUOptions options) {
  const ops::Activation activation{.kind = ops::ActivationKind::elu,
                                   .alpha = static_cast<float>(options.alpha)};
  return Layer(std::make_shared<NumberedActivation>(
      "ELU", options.name, NumberedActivation::Number{"alpha", options.alpha}, activation));
}

Layer elu_from_config(const Json& config) {
  const Config reader(config);
  return ELU({.alpha = reader.number("alpha", 1), .name = reader.name()});
}

}  // namespace graft::layers
