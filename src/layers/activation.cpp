// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/activations.hpp"

#include "layers/config.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

class ActivationLayer final : public LayerBase {
 public:
  ActivationLayer(std::string activation, const std::string& name)
      : LayerBase("Activation", name), activation_(std::move(activation)) {
    check_activation(cat("Activation '", this->name(), "'"), activation_);
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 0);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return lower_activation(context.graph, inputs[0], activation_);
  }

  [[nodiscard]] Json own_config() const override { return {{"activation", activation_}}; }

 private:
  std::string activation_;
};

}  // namespace

Layer Activation(const std::string& activation, const std::string& name) {
  return Layer(std::make_shared<ActivationLayer>(activation, name));
}

Layer activation_from_config(const Json& config) {
  const Config reader(config);
  return Activation(reader.activation(), reader.name());
}

}  // namespace graft::layers
