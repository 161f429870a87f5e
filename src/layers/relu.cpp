// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/activations.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

class ReLULayer final : public LayerBase {
 public:
  explicit ReLULayer(ReLUOptions options) : LayerBase("ReLU", options.name), options_(std::move(options)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 0);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    ops::Activation activation{.kind = ops::ActivationKind::relu,
                               .negative_slope = static_cast<float>(options_.negative_slope),
                               .threshold = static_cast<float>(options_.threshold)};
    if (options_.max_value) activation.max_value = static_cast<float>(*options_.max_value);
    return context.graph.add(ops::ActivationForward{activation}, inputs, context.graph.shape(inputs[0]));
  }

  [[nodiscard]] Json own_config() const override {
    return {{"max_value", options_.max_value ? Json(*options_.max_value) : Json(nullptr)},
            {"negative_slope", options_.negative_slope},
            {"threshold", options_.threshold}};
  }

 private:
  ReLUOptions options_;
};

}  // namespace

Layer ReLU(ReLUOptions options) { return Layer(std::make_shared<ReLULayer>(std::move(options))); }

Layer relu_from_config(const Json& config) {
  const Config reader(config);
  return ReLU({.max_value = reader.optional_number("max_value"),
               .negative_slope = reader.number("negative_slope", 0),
               .threshold = reader.number("threshold", 0),
               .name = reader.name()});
}

}  // namespace graft::layers
