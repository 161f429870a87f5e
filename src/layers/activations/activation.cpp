// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/core.hpp"

#include "layers/layer_class.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

struct ActivationOptions {
  std::string activation = "linear";
  std::string name;
};
constexpr auto kActivationFields =
    fields<ActivationOptions>(field<&ActivationOptions::activation, ActivationCodec>("activation"));

class ActivationLayer final : public OptionsLayer<kActivationFields> {
 public:
  explicit ActivationLayer(ActivationOptions given) : OptionsLayer("Activation", std::move(given)) {
    check_activation(cat("Activation '", name(), "'"), options().activation);
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 0);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return lower_activation(context.graph, inputs[0], options().activation);
  }
};

}  // namespace

Layer Activation(const std::string& activation, const std::string& name) {
  return Layer(std::make_shared<ActivationLayer>(ActivationOptions{.activation = activation, .name = name}));
}

constinit const LayerClass kActivationClass =
    layer_class<kActivationFields, [](const ActivationOptions& options) {
      return Activation(options.activation, options.name);
    }>("Activation");

}  // namespace graft::layers
