// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/core.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

constexpr auto kReLUFields = fields<ReLUOptions>(field<&ReLUOptions::max_value>("max_value"),
                                                 field<&ReLUOptions::negative_slope>("negative_slope"),
                                                 field<&ReLUOptions::threshold>("threshold"));

class ReLULayer final : public OptionsLayer<kReLUFields> {
 public:
  explicit ReLULayer(ReLUOptions given) : OptionsLayer("ReLU", std::move(given)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 0);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    ops::Activation activation{.kind = ops::ActivationKind::relu,
                               .negative_slope = static_cast<float>(options().negative_slope),
                               .threshold = static_cast<float>(options().threshold)};
    if (options().max_value) activation.max_value = static_cast<float>(*options().max_value);
    return context.graph.add(ops::ActivationForward{activation}, inputs, context.graph.shape(inputs[0]));
  }
};

}  // namespace

Layer ReLU(ReLUOptions options) { return Layer(std::make_shared<ReLULayer>(std::move(options))); }

constinit const LayerClass kReLUClass = layer_class<kReLUFields, ReLU>("ReLU");

}  // namespace graft::layers
